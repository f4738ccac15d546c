using Lateen.Resources;

namespace Lateen.Translation;

/// <summary>Something a resource asks for that did not become configuration, to be shown to the user.</summary>
/// <param name="Kind">Kind of the resource, e.g. VirtualService.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Field">Path of the field, e.g. <c>spec.http[0].delegate</c>.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record TranslationNote(string Kind, string Namespace, string Name, string Field, string Reason)
{
    /// <summary><c>Kind namespace/name field: reason</c>.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name} {Field}: {Reason}";

    internal static TranslationNote Of(IstioResource resource, string field, string reason) =>
        new(resource.Kind, resource.Namespace, resource.Name, field, reason);
}
