namespace Lateen.Resources;

/// <summary>Marks the members of a proto <c>oneof</c>: of those with one group name at most one may be set.</summary>
/// <param name="group">Name of the oneof.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute(string group) : Attribute
{
    /// <summary>Name of the oneof.</summary>
    public string Group => group;
}

/// <summary>A second name under which a field is read (never written).</summary>
/// <param name="name">The other name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAliasAttribute(string name) : Attribute
{
    /// <summary>The other name.</summary>
    public string Name => name;
}

/// <summary>Fields that an object may have and that are not kept (what only a cluster's API server writes).</summary>
/// <param name="names">Their names.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class IgnoredFieldsAttribute(params string[] names) : Attribute
{
    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => names;
}

/// <summary>A member that is no field of the YAML.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotAFieldAttribute : Attribute;
