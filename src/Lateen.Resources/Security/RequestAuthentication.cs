namespace Lateen.Resources.Security;

/// <summary>Which tokens requests may carry.</summary>
public sealed record RequestAuthentication : IstioResource
{
    /// <summary>What is wanted.</summary>
    public RequestAuthenticationSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of a <see cref="RequestAuthentication"/>.</summary>
public sealed record RequestAuthenticationSpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Older form of <see cref="TargetRefs"/>.</summary>
    public TargetReference? TargetRef { get; init; }

    /// <summary>Gateways and services it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>Issuers and where their tokens are.</summary>
    public EquatableArray<JwtRule> JwtRules { get; init; }
}

/// <summary>An issuer of tokens.</summary>
public sealed record JwtRule
{
    /// <summary>The <c>iss</c> claim; null means any, with <see cref="JwksUri"/>.</summary>
    public string? Issuer { get; init; }

    /// <summary>Audiences, any of which is enough; empty means any.</summary>
    public EquatableArray<string> Audiences { get; init; }

    /// <summary>Where the keys are; null means by OpenID discovery from the issuer.</summary>
    [FieldAlias("jwks_uri")]
    public string? JwksUri { get; init; }

    /// <summary>The keys themselves.</summary>
    public string? Jwks { get; init; }

    /// <summary>Headers with the token.</summary>
    public EquatableArray<JwtHeader> FromHeaders { get; init; }

    /// <summary>Query parameters with the token.</summary>
    public EquatableArray<string> FromParams { get; init; }

    /// <summary>Cookies with the token.</summary>
    public EquatableArray<string> FromCookies { get; init; }

    /// <summary>Header that gets the payload.</summary>
    public string? OutputPayloadToHeader { get; init; }

    /// <summary>Whether the token is sent on.</summary>
    public bool ForwardOriginalToken { get; init; }

    /// <summary>Headers that get claims.</summary>
    public EquatableArray<ClaimToHeader> OutputClaimToHeaders { get; init; }

    /// <summary>Time for fetching the keys; null means 5 s.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Claims that are split at spaces, besides <c>scope</c> and <c>permission</c>.</summary>
    public EquatableArray<string> SpaceDelimitedClaims { get; init; }

    /// <summary>Whether a token must be there.</summary>
    public JwtPresence Presence { get; init; }
}

/// <summary>Whether a token must be there.</summary>
public enum JwtPresence
{
    /// <summary>No.</summary>
    Optional,

    /// <summary>Yes.</summary>
    Required,
}

/// <summary>A header with a token.</summary>
public sealed record JwtHeader
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>What stands before the token, e.g. <c>Bearer </c>.</summary>
    public string? Prefix { get; init; }
}

/// <summary>A header that gets a claim.</summary>
public sealed record ClaimToHeader
{
    /// <summary>Name of the header.</summary>
    public required string Header { get; init; }

    /// <summary>Name of the claim, nested as <c>a.b</c>.</summary>
    public required string Claim { get; init; }
}
