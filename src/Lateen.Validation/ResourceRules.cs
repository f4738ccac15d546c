using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;

namespace Lateen.Validation;

/// <summary>Rules that a single object must keep to be usable at all (those of Kubernetes, and of Istio's validation webhook).</summary>
public static partial class ResourceRules
{
    /// <summary>What is wrong with an object; nothing when it can be used.</summary>
    public static IEnumerable<Finding> Check(ResourceDocument document)
    {
        if (document.Resource is null) yield break;
        IEnumerable<(string Path, string Message)> broken = document.Resource switch
        {
            V1Service service => CheckService(service.Spec),
            VirtualService service => CheckVirtualService(service.Spec),
            DestinationRule rule => CheckDestinationRule(rule.Spec),
            Gateway gateway => CheckGateway(gateway.Spec),
            ServiceEntry entry => CheckServiceEntry(entry.Spec),
            PeerAuthentication policy => CheckPeerAuthentication(policy.Spec),
            _ => [],
        };
        foreach ((string path, string message) in CheckName(document.Key).Concat(broken))
        {
            yield return Finding.Of(FindingCodes.Invalid, Severity.Error, document.Key, path, document.Origin.Locate(path), message);
        }
    }

    private static IEnumerable<(string, string)> CheckName(ObjectKey key)
    {
        if (key.Name.Length > 253 || !DnsSubdomain().IsMatch(key.Name))
            yield return ("metadata.name", $"\"{key.Name}\" is no name: lower-case letters, digits, '-' and '.', at most 253");
        if (key.Namespace.Length > 63 || !DnsLabel().IsMatch(key.Namespace))
            yield return ("metadata.namespace", $"\"{key.Namespace}\" is no namespace: lower-case letters, digits and '-', at most 63");
    }

    private static IEnumerable<(string, string)> CheckService(V1ServiceSpec? spec)
    {
        IList<V1ServicePort> ports = spec?.Ports ?? [];
        var names = new HashSet<string>();
        for (int i = 0; i < ports.Count; i++)
        {
            string path = NodePath.Item("spec.ports", i);
            if (ports[i].Port is < 1 or > 65535) yield return ($"{path}.port", "must be 1 to 65535");
            if (ports.Count > 1 && string.IsNullOrEmpty(ports[i].Name)) yield return (path, "needs a name, the service having several ports");
            else if (!names.Add(ports[i].Name ?? "")) yield return ($"{path}.name", $"duplicate port name \"{ports[i].Name}\"");
        }
    }

    private static IEnumerable<(string, string)> CheckVirtualService(VirtualServiceSpec spec)
    {
        for (int i = 0; i < spec.Http.Count; i++)
        {
            HttpRoute route = spec.Http[i];
            string path = NodePath.Item("spec.http", i);
            int actions = (route.Route.IsEmpty ? 0 : 1) + (route.Redirect is null ? 0 : 1) + (route.DirectResponse is null ? 0 : 1)
                + (route.Delegate is null ? 0 : 1);
            if (actions == 0) yield return (path, "needs one of route, redirect, directResponse and delegate");
            if (actions > 1) yield return (path, "only one of route, redirect, directResponse and delegate may be set");
            if (route.Redirect is not null && route.Rewrite is not null) yield return ($"{path}.rewrite", "cannot go with redirect");
            foreach ((string, string) finding in CheckWeights(path, [.. route.Route.Select(target => target.Weight)])) yield return finding;
        }
        for (int i = 0; i < spec.Tcp.Count; i++)
        {
            foreach ((string, string) finding in CheckWeights(NodePath.Item("spec.tcp", i), [.. spec.Tcp[i].Route.Select(target => target.Weight)]))
                yield return finding;
        }
    }

    private static IEnumerable<(string, string)> CheckWeights(string path, int[] weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] < 0) yield return ($"{NodePath.Item($"{path}.route", i)}.weight", "must not be negative");
        }
        if (weights.Length > 1 && weights.Sum(weight => (long)weight) == 0) yield return ($"{path}.route", "the weights are all 0");
    }

    private static IEnumerable<(string, string)> CheckDestinationRule(DestinationRuleSpec spec)
    {
        if (spec.Host.Length == 0) yield return ("spec.host", "must not be empty");
        var names = new HashSet<string>();
        for (int i = 0; i < spec.Subsets.Count; i++)
        {
            string path = $"{NodePath.Item("spec.subsets", i)}.name";
            if (spec.Subsets[i].Name.Length == 0) yield return (path, "must not be empty");
            if (!names.Add(spec.Subsets[i].Name)) yield return (path, $"duplicate subset \"{spec.Subsets[i].Name}\"");
        }
    }

    private static IEnumerable<(string, string)> CheckGateway(GatewaySpec spec)
    {
        for (int i = 0; i < spec.Servers.Count; i++)
        {
            Server server = spec.Servers[i];
            string path = NodePath.Item("spec.servers", i);
            bool socketFile = server.Bind?.StartsWith("unix://", StringComparison.Ordinal) ?? false;
            if (!socketFile && server.Port.Number is (0 or > 65535)) yield return ($"{path}.port.number", "must be 1 to 65535");
            if (server.Hosts.IsEmpty) yield return ($"{path}.hosts", "needs at least one host");
            if (server.Port.Protocol is ("HTTPS" or "TLS") && server.Tls is null) yield return (path, $"{server.Port.Protocol} needs tls");
        }
    }

    private static IEnumerable<(string, string)> CheckServiceEntry(ServiceEntrySpec spec)
    {
        if (spec.Hosts.IsEmpty) yield return ("spec.hosts", "needs at least one host");
        if (spec.WorkloadSelector is not null && !spec.Endpoints.IsEmpty) yield return ("spec.endpoints", "cannot go with workloadSelector");
        if (spec.Resolution == ServiceEntryResolution.None && !spec.Endpoints.IsEmpty) yield return ("spec.endpoints", "cannot go with resolution NONE");
        var names = new HashSet<string>();
        var numbers = new HashSet<uint>();
        for (int i = 0; i < spec.Ports.Count; i++)
        {
            ServiceEntryPort port = spec.Ports[i];
            string path = NodePath.Item("spec.ports", i);
            if (port.Number is 0 or > 65535) yield return ($"{path}.number", "must be 1 to 65535");
            if (port.TargetPort > 65535) yield return ($"{path}.targetPort", "must be 1 to 65535");
            if (!names.Add(port.Name)) yield return ($"{path}.name", $"duplicate port name \"{port.Name}\"");
            if (!numbers.Add(port.Number)) yield return ($"{path}.number", $"duplicate port {port.Number}");
        }
        for (int i = 0; i < spec.Endpoints.Count; i++)
        {
            if (string.IsNullOrEmpty(spec.Endpoints[i].Address) && string.IsNullOrEmpty(spec.Endpoints[i].Network))
                yield return ($"{NodePath.Item("spec.endpoints", i)}.address", "is needed when network is not set");
        }
    }

    private static IEnumerable<(string, string)> CheckPeerAuthentication(PeerAuthenticationSpec spec)
    {
        if (!spec.PortLevelMtls.IsEmpty && spec.Selector?.MatchLabels.IsEmpty != false)
            yield return ("spec.portLevelMtls", "needs a selector with matchLabels");
        foreach (string port in spec.PortLevelMtls.Keys)
        {
            if (!uint.TryParse(port, CultureInfo.InvariantCulture, out uint number) || number is (0 or > 65535))
                yield return (NodePath.Member("spec.portLevelMtls", port), "must be a port, 1 to 65535");
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex DnsSubdomain();

    // Empty for objects that are in no namespace.
    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?\z")]
    private static partial Regex DnsLabel();
}
