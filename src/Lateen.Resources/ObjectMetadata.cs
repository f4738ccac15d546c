namespace Lateen.Resources;

/// <summary>The parts of a Kubernetes object's metadata that a mesh looks at.</summary>
[IgnoredFields("generateName", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields")]
public sealed record ObjectMetadata
{
    /// <summary>Name, unique per kind and namespace.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace; <c>default</c> when the YAML names none.</summary>
    public string Namespace { get; init => field = string.IsNullOrEmpty(value) ? "default" : value; } = "default";

    /// <summary>Labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>Annotations.</summary>
    public EquatableMap<string> Annotations { get; init; }

    /// <summary>When the object was made; null in files that do not say.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>Counts changes of the spec; 0 when unknown.</summary>
    public long Generation { get; init; }

    /// <summary>Identity over time, or null.</summary>
    public string? Uid { get; init; }

    /// <summary>The API server's version of the object, or null.</summary>
    public string? ResourceVersion { get; init; }
}
