using System.Collections.Immutable;
using k8s.Models;
using Lateen.Registry.Sources;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;

namespace Lateen.Local.Workloads;

/// <summary>What the supervisor needs of a mesh's folder: everything else is the control plane's.</summary>
/// <param name="Deployments">Deployments.</param>
/// <param name="Namespaces">Namespaces.</param>
/// <param name="Gateways">Gateways.</param>
/// <param name="VirtualServices">VirtualServices.</param>
public sealed record MeshFolder(
    ImmutableArray<V1Deployment> Deployments,
    ImmutableArray<V1Namespace> Namespaces,
    ImmutableArray<Gateway> Gateways,
    ImmutableArray<VirtualService> VirtualServices)
{
    /// <summary>Picks it out of everything a folder holds.</summary>
    public static MeshFolder Of(SourceContent content) => new(All<V1Deployment>(content), All<V1Namespace>(content), All<Gateway>(content), All<VirtualService>(content));

    /// <summary>Reads the folder's <c>local.yaml</c>; a folder without one says nothing. Throws <see cref="LocalMeshException"/>.</summary>
    public static LocalFile ReadLocalFile(string folder)
    {
        var file = Path.Combine(folder, LocalFile.Name);
        if (!File.Exists(file))
            return LocalFile.Empty;
        var errors = new List<ReadError>();
        var documents = NodeReader.Read(file, File.ReadAllText(file), errors);
        if (errors.Count > 0)
            throw new LocalMeshException(string.Join('\n', errors));
        return documents.Count == 0 ? LocalFile.Empty : LocalFileReader.Read(file, documents[0]);
    }

    /// <summary>The ports that the ingress gateway listens on for these Gateways beside those that stand for 80 and 443.</summary>
    public IEnumerable<int> GatewayPorts() =>
        Gateways.Where(IsIngress).SelectMany(gateway => gateway.Spec.Servers)
            .Select(server => (int)server.Port.Number)
            .Where(number => number >= 1024)
            .Distinct();

    /// <summary>Addresses to try in a browser: what VirtualServices serve at the ingress gateway.</summary>
    public IEnumerable<string> Urls(int port)
    {
        var names = Gateways.Where(IsIngress).SelectMany(gateway => new[] { gateway.Name, $"{gateway.Namespace}/{gateway.Name}" }).ToHashSet();
        return VirtualServices.Where(service => service.Spec.Gateways.Any(names.Contains))
            .SelectMany(service => service.Spec.Http)
            .SelectMany(route => route.Match.IsEmpty ? ["/"] : route.Match.Select(match => match.Uri?.Exact ?? match.Uri?.Prefix ?? "/"))
            .Distinct()
            .Select(path => $"http://localhost:{port}{path}");
    }

    private static bool IsIngress(Gateway gateway) =>
        gateway.Spec.Selector.All(label => label is { Key: "istio", Value: "ingressgateway" } or { Key: "app", Value: GatewayWorkload.Name });

    private static ImmutableArray<T> All<T>(SourceContent content) => [.. content.Documents.Select(document => document.Resource).OfType<T>()];
}
