using Google.Protobuf.WellKnownTypes;
using Lateen.Identity;
using Lateen.Registry;
using Lateen.Translation;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Serving;

/// <summary>Makes the resources of a proxy from one snapshot of the mesh; secrets come from the snapshot and from the authority.</summary>
/// <param name="snapshot">The mesh.</param>
/// <param name="translation">Shared by all snapshots' generators.</param>
/// <param name="secrets">The workloads' own secrets.</param>
/// <param name="files">Secrets in files of this machine.</param>
internal sealed class MeshGenerator(MeshSnapshot snapshot, TranslationCache translation, WorkloadSecrets secrets, FileSecrets files)
    : IResourceGenerator<ConnectedProxy>
{
    public MeshSnapshot Snapshot => snapshot;

    public IReadOnlyList<Any>? Generate(ConnectedProxy client, ResourceQuery query) => query.TypeUrl switch
    {
        TypeUrls.Cluster or TypeUrls.Endpoint or TypeUrls.Listener or TypeUrls.Route =>
            translation.Resources(snapshot, client.Node, query.TypeUrl, query.Names),
        TypeUrls.Secret => Secrets(client, query.Names ?? []),
        _ => null,
    };

    /// <summary>Names without a secret are left out: the proxy keeps what it has, or waits.</summary>
    private IReadOnlyList<Any> Secrets(ConnectedProxy client, IReadOnlyCollection<string> names) =>
    [
        .. names.Select(name =>
                secrets.Find(name, client.Identity) ?? CredentialSecrets.Find(snapshot, name, client.Node.Namespace) ?? files.Find(name))
            .OfType<Envoy.Extensions.TransportSockets.Tls.V3.Secret>().Select(Any.Pack),
    ];
}
