using System.Collections.Frozen;
using k8s.Models;
using Lateen.Resources.Extensions;
using Lateen.Resources.Networking;
using Lateen.Resources.Observability;
using Lateen.Resources.Security;

namespace Lateen.Resources.Reading;

/// <summary>A kind that is read into a record.</summary>
/// <param name="Group">API group.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Versions">Versions, all with one meaning.</param>
/// <param name="Type">The record.</param>
public sealed record KnownKind(string Group, string Kind, IReadOnlyList<string> Versions, Type Type);

/// <summary>The kinds that are read; everything else is passed through.</summary>
public static class KnownKinds
{
    private static readonly string[] NetworkingVersions = ["v1", "v1beta1", "v1alpha3"];
    private static readonly string[] SecurityVersions = ["v1", "v1beta1"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KnownKind> All { get; } =
    [
        new("networking.istio.io", "Gateway", NetworkingVersions, typeof(Gateway)),
        new("networking.istio.io", "VirtualService", NetworkingVersions, typeof(VirtualService)),
        new("networking.istio.io", "DestinationRule", NetworkingVersions, typeof(DestinationRule)),
        new("networking.istio.io", "ServiceEntry", NetworkingVersions, typeof(ServiceEntry)),
        new("networking.istio.io", "Sidecar", NetworkingVersions, typeof(Sidecar)),
        new("networking.istio.io", "WorkloadEntry", NetworkingVersions, typeof(WorkloadEntry)),
        new("networking.istio.io", "WorkloadGroup", NetworkingVersions, typeof(WorkloadGroup)),
        new("networking.istio.io", "EnvoyFilter", ["v1alpha3"], typeof(EnvoyFilter)),
        new("networking.istio.io", "ProxyConfig", ["v1beta1"], typeof(ProxyConfig)),
        // Istio's own definition has no v1alpha3; files that name it are read all the same.
        new("security.istio.io", "PeerAuthentication", [.. SecurityVersions, "v1alpha3"], typeof(PeerAuthentication)),
        new("security.istio.io", "RequestAuthentication", SecurityVersions, typeof(RequestAuthentication)),
        new("security.istio.io", "AuthorizationPolicy", SecurityVersions, typeof(AuthorizationPolicy)),
        new("telemetry.istio.io", "Telemetry", ["v1", "v1alpha1"], typeof(Telemetry)),
        new("extensions.istio.io", "WasmPlugin", ["v1alpha1"], typeof(WasmPlugin)),
        new("extensions.istio.io", "TrafficExtension", ["v1alpha1"], typeof(TrafficExtension)),
        new("", "Service", ["v1"], typeof(V1Service)),
        new("", "Namespace", ["v1"], typeof(V1Namespace)),
        new("", "ServiceAccount", ["v1"], typeof(V1ServiceAccount)),
        new("", "Secret", ["v1"], typeof(V1Secret)),
        new("", "ConfigMap", ["v1"], typeof(V1ConfigMap)),
        new("apps", "Deployment", ["v1"], typeof(V1Deployment)),
    ];

    private static readonly FrozenDictionary<(string, string), KnownKind> ByName = All.ToFrozenDictionary(kind => (kind.Group, kind.Kind));

    /// <summary>The kind with a name, or null.</summary>
    public static KnownKind? Find(string group, string kind) => ByName.GetValueOrDefault((group, kind));
}
