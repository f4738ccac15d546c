using Lateen.Resources.Networking;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>ProxyConfig (PC).</summary>
internal static class ProxyConfigRules
{
    public static void Check(ProxyConfig config, Field at)
    {
        Field place = at["spec"];
        Selectors.Check(config.Spec.Selector, place["selector"]);
        place["concurrency"].Require("PC-2", config.Spec.Concurrency is null or >= 0, "must not be negative");
        foreach ((string name, string value) in config.Spec.EnvironmentVariables)
            place["environmentVariables"][name].Require("PC-3", value.Length <= 2048, "must not be longer than 2048");
    }
}
