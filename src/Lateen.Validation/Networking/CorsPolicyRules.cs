using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>Cross-origin policies (VS-66 to VS-72).</summary>
internal static class CorsPolicyRules
{
    public static void Check(CorsPolicy? policy, Field at)
    {
        if (policy is null) return;
        for (int i = 0; i < policy.AllowOrigins.Count; i++)
        {
            StringMatch origin = policy.AllowOrigins[i];
            bool any = !string.IsNullOrEmpty(origin.Exact) || !string.IsNullOrEmpty(origin.Prefix) || !string.IsNullOrEmpty(origin.Regex);
            if (at["allowOrigins"][i].Require("VS-66", any, "needs exact, prefix or regex, not empty"))
                StringMatches.CheckRegex("VS-67", origin, at["allowOrigins"][i]);
        }
        for (int i = 0; i < policy.AllowMethods.Count; i++) at["allowMethods"][i].Check("VS-68", HttpNames.CorsMethodProblem(policy.AllowMethods[i]));
        for (int i = 0; i < policy.AllowHeaders.Count; i++) at["allowHeaders"][i].Check("VS-69", HttpNames.CorsHeaderProblem(policy.AllowHeaders[i]));
        for (int i = 0; i < policy.ExposeHeaders.Count; i++) at["exposeHeaders"][i].Check("VS-69", HttpNames.CorsHeaderProblem(policy.ExposeHeaders[i]));
        if (policy.MaxAge is not { } age) return;
        if (at["maxAge"].Check("VS-70", Numbers.DurationProblem(age)))
            at["maxAge"].Require("VS-71", age.Value.Ticks % TimeSpan.TicksPerSecond == 0, "must be in whole seconds");
    }
}
