using Grpc.Core;

namespace Lateen.Identity;

/// <summary>Tells from the bearer token of a call who the caller is.</summary>
/// <param name="tokens">Verifies the token.</param>
/// <param name="trustDomain">Tells the trust domain that callers belong to.</param>
public sealed class CallerAuthentication(WorkloadTokens tokens, Func<string> trustDomain)
{
    private const string Scheme = "Bearer ";

    /// <summary>The caller's identity.</summary>
    /// <exception cref="RpcException">Unauthenticated: no token, or one that is refused.</exception>
    public async ValueTask<WorkloadIdentity> AuthenticateAsync(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var header = context.RequestHeaders.GetValue("authorization");
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw Unauthenticated("no bearer token");
        var (identity, error) = await tokens.VerifyAsync(header[Scheme.Length..].Trim(), trustDomain()).ConfigureAwait(false);
        return identity ?? throw Unauthenticated(error!);
    }

    private static RpcException Unauthenticated(string reason) => new(new(StatusCode.Unauthenticated, $"authentication failure: {reason}"));
}
