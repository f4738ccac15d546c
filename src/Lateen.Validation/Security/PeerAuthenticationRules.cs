using System.Globalization;
using Lateen.Resources.Security;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Security;

/// <summary>PeerAuthentication (PA).</summary>
internal static class PeerAuthenticationRules
{
    public static void Check(PeerAuthentication policy, Field at)
    {
        PeerAuthenticationSpec spec = policy.Spec;
        Field place = at["spec"];
        Field ports = place["portLevelMtls"];
        Selectors.Check(spec.Selector, place["selector"]);
        ports.Require("PA-2", !ports.Written || spec.Selector is { MatchLabels.Count: > 0 }, "needs a selector with matchLabels");
        ports.Require("PA-3", !ports.Written || !spec.PortLevelMtls.IsEmpty, "must not be empty");
        foreach (string port in spec.PortLevelMtls.Keys)
        {
            bool number = uint.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) && (port.Length == 1 || port[0] != '0');
            if (ports[port].Require("PA-5", number, Numbers.PortRange)) ports[port].Check("PA-4", Numbers.PortProblem(value));
        }
    }
}
