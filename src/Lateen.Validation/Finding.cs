using Lateen.Resources.Reading;

namespace Lateen.Validation;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Good to know.</summary>
    Info,

    /// <summary>Likely not what was meant; it is taken as it is.</summary>
    Warning,

    /// <summary>It cannot be taken.</summary>
    Error,
}

/// <summary>Something to tell the user about an object.</summary>
/// <param name="Code">What it is, one of <see cref="FindingCodes"/>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Kind">Kind of the object, or empty.</param>
/// <param name="Namespace">Namespace of the object, or empty.</param>
/// <param name="Name">Name of the object, or empty.</param>
/// <param name="Path">Path of the field, or empty.</param>
/// <param name="Position">Where it was written; null for what was made in memory.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record Finding(
    string Code, Severity Severity, string Kind, string Namespace, string Name, string Path, SourcePosition? Position, string Message)
{
    /// <summary>The rule that was broken, by its number in the list of rules (e.g. <c>VS-31</c>); empty for what is no such rule.</summary>
    public string Rule { get; init; } = "";

    /// <summary>A finding about an object, or about no object in particular.</summary>
    public static Finding Of(string code, Severity severity, ObjectKey? key, string path, SourcePosition? position, string message) =>
        new(code, severity, key?.Kind ?? "", key?.Namespace ?? "", key?.Name ?? "", path, position, message);

    /// <summary>The finding for an error of reading.</summary>
    public static Finding Of(ReadError error) =>
        Of(FindingCodes.Unreadable, Severity.Error, error.Object, error.Path, error.Position, error.Message);

    /// <summary><c>file:line:column: Kind namespace/name: path: message</c>.</summary>
    public override string ToString()
    {
        string place = Position is { } position ? $"{position}: " : "";
        string about = Kind.Length > 0 ? $"{Kind} {Namespace}/{Name}: " : "";
        return $"{place}{about}{(Path.Length > 0 ? $"{Path}: " : "")}{Message}";
    }
}

/// <summary>What findings are about.</summary>
public static class FindingCodes
{
    /// <summary>A file, document or field that cannot be read.</summary>
    public const string Unreadable = "LAT0001";

    /// <summary>One object written twice.</summary>
    public const string Duplicate = "LAT0002";

    /// <summary>A kind or field that has no effect in this version.</summary>
    public const string NoEffect = "LAT0003";

    /// <summary>Values that break a rule of their kind.</summary>
    public const string Invalid = "LAT0004";

    /// <summary>Values that are allowed and likely a mistake.</summary>
    public const string Doubtful = "LAT0005";
}
