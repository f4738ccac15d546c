using Envoy.Config.Core.V3;
using Grpc.Core;

namespace Lateen.Xds.Server;

/// <summary>Decides who may open a stream, and as what.</summary>
/// <typeparam name="TClient">What the server's user knows about a client.</typeparam>
public interface IClientAdmission<TClient>
{
    /// <summary>Authenticates a call and binds the node of its first request to the caller.</summary>
    /// <exception cref="RpcException">Unauthenticated, PermissionDenied, or InvalidArgument for a node that cannot be read.</exception>
    ValueTask<TClient> AdmitAsync(Node node, ServerCallContext context);
}
