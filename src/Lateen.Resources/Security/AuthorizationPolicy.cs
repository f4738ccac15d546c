namespace Lateen.Resources.Security;

/// <summary>Who may do what.</summary>
public sealed record AuthorizationPolicy : IstioResource
{
    /// <summary>What is wanted.</summary>
    public AuthorizationPolicySpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The spec of an <see cref="AuthorizationPolicy"/>.</summary>
public sealed record AuthorizationPolicySpec
{
    /// <summary>Workloads; null means the namespace (in the root namespace: the mesh).</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Older form of <see cref="TargetRefs"/>.</summary>
    public TargetReference? TargetRef { get; init; }

    /// <summary>Gateways and services it is attached to.</summary>
    public EquatableArray<TargetReference> TargetRefs { get; init; }

    /// <summary>Rules, any of which is enough; empty never matches.</summary>
    public EquatableArray<AuthorizationRule> Rules { get; init; }

    /// <summary>What is done with requests that match.</summary>
    public AuthorizationAction Action { get; init; }

    /// <summary>Who decides; only with <see cref="AuthorizationAction.Custom"/>.</summary>
    [OneOf("action_detail")]
    public AuthorizationProvider? Provider { get; init; }
}

/// <summary>What is done with requests that match.</summary>
public enum AuthorizationAction
{
    /// <summary>Allowed.</summary>
    Allow,

    /// <summary>Denied.</summary>
    Deny,

    /// <summary>Marked for auditing.</summary>
    Audit,

    /// <summary>Decided by the provider.</summary>
    Custom,
}

/// <summary>Who decides.</summary>
public sealed record AuthorizationProvider
{
    /// <summary>Name of an extension provider of the mesh.</summary>
    public string? Name { get; init; }
}

/// <summary>A rule: from, to and when must all match.</summary>
public sealed record AuthorizationRule
{
    /// <summary>Callers, any of which is enough; empty means any.</summary>
    public EquatableArray<AuthorizationFrom> From { get; init; }

    /// <summary>Operations, any of which is enough; empty means any.</summary>
    public EquatableArray<AuthorizationTo> To { get; init; }

    /// <summary>Conditions, all of which must hold.</summary>
    public EquatableArray<AuthorizationCondition> When { get; init; }
}

/// <summary>Holds a caller.</summary>
public sealed record AuthorizationFrom
{
    /// <summary>The caller.</summary>
    public AuthorizationSource? Source { get; init; }
}

/// <summary>Holds an operation.</summary>
public sealed record AuthorizationTo
{
    /// <summary>The operation.</summary>
    public AuthorizationOperation? Operation { get; init; }
}

/// <summary>A caller: all members must match, each by any of its values.</summary>
public sealed record AuthorizationSource
{
    /// <summary>Identities, <c>trustDomain/ns/NS/sa/SA</c>.</summary>
    public EquatableArray<string> Principals { get; init; }

    /// <summary>None of these identities.</summary>
    public EquatableArray<string> NotPrincipals { get; init; }

    /// <summary>Identities of tokens, <c>iss/sub</c>.</summary>
    public EquatableArray<string> RequestPrincipals { get; init; }

    /// <summary>None of these identities of tokens.</summary>
    public EquatableArray<string> NotRequestPrincipals { get; init; }

    /// <summary>Namespaces.</summary>
    public EquatableArray<string> Namespaces { get; init; }

    /// <summary>None of these namespaces.</summary>
    public EquatableArray<string> NotNamespaces { get; init; }

    /// <summary>Addresses and CIDRs of the peer.</summary>
    public EquatableArray<string> IpBlocks { get; init; }

    /// <summary>None of these addresses of the peer.</summary>
    public EquatableArray<string> NotIpBlocks { get; init; }

    /// <summary>Addresses and CIDRs of the original client.</summary>
    public EquatableArray<string> RemoteIpBlocks { get; init; }

    /// <summary>None of these addresses of the original client.</summary>
    public EquatableArray<string> NotRemoteIpBlocks { get; init; }

    /// <summary>Service accounts, <c>[namespace/]name</c>.</summary>
    public EquatableArray<string> ServiceAccounts { get; init; }

    /// <summary>None of these service accounts.</summary>
    public EquatableArray<string> NotServiceAccounts { get; init; }

    /// <summary>Trust domains.</summary>
    public EquatableArray<string> TrustDomains { get; init; }

    /// <summary>None of these trust domains.</summary>
    public EquatableArray<string> NotTrustDomains { get; init; }
}

/// <summary>An operation: all members must match, each by any of its values.</summary>
public sealed record AuthorizationOperation
{
    /// <summary>Hosts.</summary>
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>None of these hosts.</summary>
    public EquatableArray<string> NotHosts { get; init; }

    /// <summary>Ports, as texts.</summary>
    public EquatableArray<string> Ports { get; init; }

    /// <summary>None of these ports.</summary>
    public EquatableArray<string> NotPorts { get; init; }

    /// <summary>Methods.</summary>
    public EquatableArray<string> Methods { get; init; }

    /// <summary>None of these methods.</summary>
    public EquatableArray<string> NotMethods { get; init; }

    /// <summary>Paths, or templates with <c>{*}</c> and <c>{**}</c>.</summary>
    public EquatableArray<string> Paths { get; init; }

    /// <summary>None of these paths.</summary>
    public EquatableArray<string> NotPaths { get; init; }
}

/// <summary>A condition on an attribute.</summary>
public sealed record AuthorizationCondition
{
    /// <summary>The attribute.</summary>
    public required string Key { get; init; }

    /// <summary>Values, any of which is enough.</summary>
    public EquatableArray<string> Values { get; init; }

    /// <summary>Values of which there may be none.</summary>
    public EquatableArray<string> NotValues { get; init; }
}
