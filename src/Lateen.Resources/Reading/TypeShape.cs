using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lateen.Resources.Reading;

/// <summary>What a type looks like in YAML. The records are the schema: everything that reads, writes or describes them goes by their shape.</summary>
internal sealed class TypeShape
{
    private static readonly ConcurrentDictionary<Type, TypeShape> Shapes = [];

    private readonly Lazy<IReadOnlyList<FieldShape>> _fields;
    private readonly Lazy<IReadOnlyDictionary<string, FieldShape>> _fieldsByName;
    private readonly Lazy<IReadOnlyDictionary<string, object>> _enumMembers;

    private TypeShape(Type type)
    {
        Type = type;
        (Kind, ElementType) = Classify(type);
        IgnoredFields = type.GetCustomAttributes<IgnoredFieldsAttribute>(inherit: true).SelectMany(attribute => attribute.Names).ToHashSet();
        _fields = new(() => [.. type.GetProperties().Where(IsField).Select(property => new FieldShape(property))]);
        _fieldsByName = new(() => _fields.Value.SelectMany(field => field.Names.Select(name => (name, field)))
            .ToDictionary(entry => entry.name, entry => entry.field, StringComparer.Ordinal));
        _enumMembers = new(() => type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(EnumName, member => member.GetValue(null)!, StringComparer.Ordinal));
    }

    public Type Type { get; }

    public ShapeKind Kind { get; }

    /// <summary>Type of a list's items or a map's values.</summary>
    public Type? ElementType { get; }

    public TypeShape Element => Of(ElementType!);

    public IReadOnlyList<FieldShape> Fields => _fields.Value;

    public IReadOnlyDictionary<string, FieldShape> FieldsByName => _fieldsByName.Value;

    /// <summary>Members of an enum by their names in YAML.</summary>
    public IReadOnlyDictionary<string, object> EnumMembers => _enumMembers.Value;

    /// <summary>Names that are read and not kept.</summary>
    public IReadOnlySet<string> IgnoredFields { get; }

    /// <summary>The shape of a type; that of T for T?.</summary>
    public static TypeShape Of(Type type) => Shapes.GetOrAdd(Nullable.GetUnderlyingType(type) ?? type, static key => new TypeShape(key));

    private static bool IsField(PropertyInfo property) =>
        property.CanWrite && property.GetIndexParameters().Length == 0
        && property.GetCustomAttribute<NotAFieldAttribute>() is null
        && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always };

    private static (ShapeKind, Type?) Classify(Type type)
    {
        if (type == typeof(string)) return (ShapeKind.String, null);
        if (type == typeof(bool)) return (ShapeKind.Boolean, null);
        if (type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong)) return (ShapeKind.Integer, null);
        if (type == typeof(double)) return (ShapeKind.Number, null);
        if (type == typeof(Duration)) return (ShapeKind.Duration, null);
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset)) return (ShapeKind.Timestamp, null);
        if (type == typeof(byte[])) return (ShapeKind.Bytes, null);
        if (type == typeof(k8s.Models.IntOrString)) return (ShapeKind.IntOrString, null);
        if (type == typeof(k8s.Models.ResourceQuantity)) return (ShapeKind.Quantity, null);
        if (type == typeof(object) || type == typeof(JsonElement) || type == typeof(FreeForm)) return (ShapeKind.Free, null);
        if (type.IsEnum) return (ShapeKind.Enum, null);
        if (!type.IsGenericType) return (ShapeKind.Object, null);

        Type definition = type.GetGenericTypeDefinition();
        if (definition == typeof(EquatableArray<>) || definition == typeof(IList<>)) return (ShapeKind.List, type.GenericTypeArguments[0]);
        if (definition == typeof(EquatableMap<>)) return (ShapeKind.Map, type.GenericTypeArguments[0]);
        if (definition == typeof(IDictionary<,>) && type.GenericTypeArguments[0] == typeof(string)) return (ShapeKind.Map, type.GenericTypeArguments[1]);
        throw new NotSupportedException($"{type} has no form in YAML");
    }

    // Proto's names: RoundRobin is ROUND_ROBIN; what does not follow the rule says its name.
    private static string EnumName(FieldInfo member) =>
        member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseUpper.ConvertName(member.Name);
}

/// <summary>Forms of values.</summary>
internal enum ShapeKind
{
    String,
    Boolean,
    Integer,
    Number,
    Duration,
    Timestamp,
    Bytes,
    IntOrString,
    Quantity,
    Free,
    Enum,
    List,
    Map,
    Object,
}

/// <summary>A field of an object.</summary>
internal sealed class FieldShape(PropertyInfo property)
{
    public string Name { get; } = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public string? Alias { get; } = property.GetCustomAttribute<FieldAliasAttribute>()?.Name;

    public IEnumerable<string> Names => Alias is null ? [Name] : [Name, Alias];

    public bool Required { get; } = property.GetCustomAttribute<RequiredMemberAttribute>() is not null;

    /// <summary>Place in the order of declaration.</summary>
    public int Order { get; } = property.MetadataToken;

    public string? OneOf { get; } = property.GetCustomAttribute<OneOfAttribute>()?.Group;

    public bool Base64 { get; } = property.GetCustomAttribute<Base64StringAttribute>() is not null;

    public TypeShape Shape => TypeShape.Of(property.PropertyType);

    public bool Nullable { get; } = System.Nullable.GetUnderlyingType(property.PropertyType) is not null || !property.PropertyType.IsValueType;

    public object? Get(object target) => property.GetValue(target);

    public void Set(object target, object? value) => property.SetValue(target, value);
}
