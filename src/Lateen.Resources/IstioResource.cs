using Lateen.Resources.Reading;

namespace Lateen.Resources;

/// <summary>An object of one of Istio's API groups. Equality does not look at <see cref="Origin"/>.</summary>
[IgnoredFields("status")]
public abstract record IstioResource
{
    /// <summary>Group and version as written, e.g. <c>networking.istio.io/v1</c>. All served versions of a kind mean the same.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Kind, e.g. <c>VirtualService</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name, namespace, labels, annotations.</summary>
    public required ObjectMetadata Metadata { get; init; }

    /// <summary>Where the object was read, with a lookup from field path to position; null if it was made in memory.</summary>
    [NotAField]
    public ResourceOrigin? Origin { get; init; }

    /// <summary>Name of the object.</summary>
    [NotAField]
    public string Name => Metadata.Name;

    /// <summary>Namespace of the object.</summary>
    [NotAField]
    public string Namespace => Metadata.Namespace;

    /// <inheritdoc/>
    public virtual bool Equals(IstioResource? other) =>
        other is not null && EqualityContract == other.EqualityContract && ApiVersion == other.ApiVersion && Kind == other.Kind
        && Metadata == other.Metadata;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Name, Namespace);
}
