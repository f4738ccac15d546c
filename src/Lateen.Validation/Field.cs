using Lateen.Resources.Reading;

namespace Lateen.Validation;

/// <summary>A place in an object. Rules walk down from the object's root and report what is wrong where they stand.</summary>
internal sealed class Field
{
    private readonly RuleReport _report;
    private readonly Field? _parent;
    private readonly string? _member;
    private readonly int _index;
    private readonly bool _quiet;

    public Field(RuleReport report) => _report = report;

    private Field(Field parent, string? member, int index, bool quiet) =>
        (_report, _parent, _member, _index, _quiet) = (parent._report, parent, member, index, quiet);

    public Field this[string member] => new(this, member, 0, _quiet);

    public Field this[int index] => new(this, null, index, _quiet);

    /// <summary>The same place, for rules whose warnings Istio loses here.</summary>
    public Field Quiet => _parent is null ? this : new(_parent, _member, _index, quiet: true);

    /// <summary>E.g. <c>spec.http[0].route</c>.</summary>
    public string Path => _parent is null ? "" : _member is null ? NodePath.Item(_parent.Path, _index) : NodePath.Member(_parent.Path, _member);

    /// <summary>Whether the field is written at all, be it with an empty value. CRD schemas ask that, the records do not tell.</summary>
    public bool Written => Node is not (null or ScalarNode { Kind: ScalarKind.Null });

    private Node? Node => _parent is null ? _report.Origin.Root : (_parent.Node, _member) switch
    {
        (MappingNode mapping, { } member) => mapping[member],
        (SequenceNode sequence, null) when _index < sequence.Items.Count => sequence.Items[_index],
        _ => null,
    };

    /// <summary>The value breaks a rule.</summary>
    public void Error(string rule, string message) => _report.Add(rule, Severity.Error, Path, message);

    /// <summary>The value is allowed and likely a mistake.</summary>
    public void Warning(string rule, string message)
    {
        if (!_quiet) _report.Add(rule, Severity.Warning, Path, message);
    }

    /// <summary>Reports a problem if there is one.</summary>
    /// <returns>Whether there is none.</returns>
    public bool Check(string rule, string? problem)
    {
        if (problem is not null) Error(rule, problem);
        return problem is null;
    }

    /// <summary>Reports a message if a condition does not hold.</summary>
    /// <returns>Whether it holds.</returns>
    public bool Require(string rule, bool holds, string message)
    {
        if (!holds) Error(rule, message);
        return holds;
    }
}

/// <summary>Collects what the rules find in one object.</summary>
/// <param name="key">The object, or null.</param>
/// <param name="origin">Where it was read.</param>
internal sealed class RuleReport(ObjectKey? key, ResourceOrigin origin)
{
    private readonly List<Finding> _findings = [];

    public ResourceOrigin Origin => origin;

    public IReadOnlyList<Finding> Findings => _findings;

    public bool HasErrors => _findings.Exists(finding => finding.Severity == Severity.Error);

    public void Add(string rule, Severity severity, string path, string message)
    {
        string code = severity == Severity.Error ? FindingCodes.Invalid : FindingCodes.Doubtful;
        _findings.Add(Finding.Of(code, severity, key, path, origin.Locate(path), message) with { Rule = rule });
    }
}
