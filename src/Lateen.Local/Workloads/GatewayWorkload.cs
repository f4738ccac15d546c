using System.Globalization;
using Lateen.Registry;
using Lateen.Resources;

namespace Lateen.Local.Workloads;

/// <summary>The ingress gateway that every local mesh has: what Istio's Helm chart installs, on this machine's ports.</summary>
public static class GatewayWorkload
{
    /// <summary>Name of its Deployment and Service, and of the label <c>app</c>.</summary>
    public const string Name = "istio-ingressgateway";

    /// <summary>Namespace.</summary>
    public const string Namespace = "istio-system";

    /// <summary>The workload.</summary>
    /// <param name="address">Its own address, for administration and metrics.</param>
    /// <param name="http">The port that stands for its port 80.</param>
    /// <param name="https">The port that stands for its port 443.</param>
    /// <param name="others">The other ports it listens on.</param>
    public static Workload Create(string address, int http, int https, IEnumerable<int> others) => new()
    {
        Name = $"{Name}-1",
        Namespace = Namespace,
        Address = address,
        Labels = new EquatableMap<string>(
        [
            new("app", Name),
            new("istio", "ingressgateway"),
            new("security.istio.io/tlsMode", "istio"),
            new("service.istio.io/canonical-name", Name),
            new("service.istio.io/canonical-revision", "latest"),
        ]),
        ServiceAccount = "istio-ingressgateway-service-account",
        WorkloadName = Name,
        WorkloadKind = "Deployment",
        Ports =
        [
            new WorkloadPort("http", (uint)http),
            new WorkloadPort("https", (uint)https),
            .. others.Select(port => new WorkloadPort(string.Create(CultureInfo.InvariantCulture, $"port-{port}"), (uint)port)),
        ],
        Node = Environment.MachineName,
        Ready = false,
    };
}
