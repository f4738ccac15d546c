using System.Text;
using Lateen.Resources.Extensions;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Extensions;

/// <summary>TrafficExtension (TX).</summary>
internal static class TrafficExtensionRules
{
    private const int MaxScript = 65536;

    public static void Check(TrafficExtension extension, Field at)
    {
        TrafficExtensionSpec spec = extension.Spec;
        Field place = at["spec"];
        place.Require("TX-1", (spec.Wasm is null) != (spec.Lua is null), "needs exactly one of wasm and lua");
        // TX-2
        TargetReferences.Check(spec.Selector, null, spec.TargetRefs, place);
        if (spec.Lua is { } lua)
        {
            place["lua"]["inlineCode"].Require("TX-3", lua.InlineCode.Length > 0, "must not be empty");
            place["lua"]["inlineCode"].Require("TX-4", Encoding.UTF8.GetByteCount(lua.InlineCode) <= MaxScript, "must not be larger than 64 KiB");
        }
        // TX-5, TX-6
        if (spec.Wasm is { } wasm) WasmPluginRules.CheckModule(wasm.Url, wasm.Sha256, wasm.ImagePullSecret, wasm.PluginName, wasm.VmConfig, place["wasm"]);
        WasmPluginRules.CheckMatch(spec.Match, place["match"]);
    }
}
