using System.Text.Json;

namespace Lateen.Resources;

/// <summary>An object of any form (proto <c>Struct</c>), equal to another of the same content.</summary>
/// <param name="value">The object.</param>
public sealed class FreeForm(JsonElement value) : IEquatable<FreeForm>
{
    /// <summary>The object as JSON.</summary>
    public JsonElement Value => value;

    /// <inheritdoc/>
    public bool Equals(FreeForm? other) => other is not null && JsonElement.DeepEquals(value, other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FreeForm);

    /// <inheritdoc/>
    public override int GetHashCode() => value.ValueKind == JsonValueKind.Object ? value.GetPropertyCount() : 0;

    /// <summary>The JSON text.</summary>
    public override string ToString() => value.GetRawText();
}
