namespace Lateen.Resources.Reading;

/// <summary>Something in a file that cannot be read as what it should be.</summary>
/// <param name="Position">Where.</param>
/// <param name="Message">What is wrong and what was expected.</param>
/// <param name="Object">Kind, namespace and name of the object, as far as known; null outside of an object.</param>
/// <param name="Path">Path of the field, or empty.</param>
public sealed record ReadError(SourcePosition Position, string Message, ObjectKey? Object = null, string Path = "")
{
    /// <summary><c>file:line:column: Kind namespace/name: path: message</c>.</summary>
    public override string ToString() =>
        $"{Position}: {(Object is { } key ? $"{key.Kind} {key.Namespace}/{key.Name}: " : "")}{(Path.Length > 0 ? $"{Path}: " : "")}{Message}";
}

/// <summary>Names an object. Objects of one group and kind are the same object whatever their version.</summary>
/// <param name="Group">API group; empty for Kubernetes' core.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Name">Name.</param>
public readonly record struct ObjectKey(string Group, string Kind, string Namespace, string Name)
{
    /// <summary><c>Kind namespace/name</c>.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}

/// <summary>An object that was read.</summary>
/// <param name="Key">Its name.</param>
/// <param name="ApiVersion">Its version as written.</param>
/// <param name="Resource">An <see cref="IstioResource"/> or a KubernetesClient model; null for kinds that are passed through untouched.</param>
/// <param name="Origin">Where it was read, and its nodes.</param>
public sealed record ResourceDocument(ObjectKey Key, string ApiVersion, object? Resource, ResourceOrigin Origin);

/// <summary>What a file holds.</summary>
/// <param name="Documents">The objects without errors.</param>
/// <param name="Errors">All errors.</param>
public sealed record ReadResult(IReadOnlyList<ResourceDocument> Documents, IReadOnlyList<ReadError> Errors);
