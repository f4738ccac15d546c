using Grpc.Core;

namespace Lateen.Translation.Routes;

/// <summary>gRPC status codes by the names users write (<c>UNAVAILABLE</c>).</summary>
internal static class GrpcStatus
{
    /// <summary>The number of a status; an unknown name is status UNKNOWN (2).</summary>
    public static uint Code(string name) =>
        Enum.TryParse<StatusCode>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var code)
            ? (uint)code
            : (uint)StatusCode.Unknown;
}
