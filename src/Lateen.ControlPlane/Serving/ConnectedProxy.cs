using Envoy.Config.Core.V3;
using Grpc.Core;
using Lateen.Identity;
using Lateen.Translation;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Serving;

/// <summary>A proxy on a stream: what it says it is, bound to who it has proven to be.</summary>
/// <param name="Node">Read from its first request.</param>
/// <param name="Identity">From its token.</param>
internal sealed record ConnectedProxy(ProxyNode Node, WorkloadIdentity Identity);

/// <summary>
/// Admits proxies whose node is in the namespace, and of the service account, of the token they present
/// (istiod: PILOT_ENABLE_XDS_IDENTITY_CHECK).
/// </summary>
internal sealed class ProxyAdmission(CallerAuthentication authentication) : IClientAdmission<ConnectedProxy>
{
    public async ValueTask<ConnectedProxy> AdmitAsync(Node node, ServerCallContext context)
    {
        var identity = await authentication.AuthenticateAsync(context).ConfigureAwait(false);
        var proxy = Read(node);
        if (proxy.Namespace != identity.Namespace)
            throw Denied(proxy, $"namespace {proxy.Namespace}", identity);
        if (proxy.ServiceAccount.Length > 0 && proxy.ServiceAccount != identity.ServiceAccount)
            throw Denied(proxy, $"service account {proxy.ServiceAccount}", identity);
        return new(proxy, identity);
    }

    private static ProxyNode Read(Node node)
    {
        try
        {
            return ProxyNode.From(node);
        }
        catch (FormatException e)
        {
            throw new RpcException(new(StatusCode.InvalidArgument, e.Message));
        }
    }

    private static RpcException Denied(ProxyNode proxy, string claim, WorkloadIdentity identity) =>
        new(new(StatusCode.PermissionDenied, $"node {proxy.NodeId} claims {claim}, which {identity} is not"));
}
