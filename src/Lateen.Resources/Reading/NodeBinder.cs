using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Lateen.Resources.Reading;

/// <summary>Makes records of nodes, going by the shape of their types. Collects every error instead of stopping at the first.</summary>
/// <param name="report">Gets each error: line, column, path, message.</param>
/// <param name="decoding">Which decoder's rules hold.</param>
[SuppressMessage("Performance", "CA1859", Justification = "Values of every type go one way, boxed.")]
internal sealed class NodeBinder(Action<int, int, string, string> report, Decoding decoding = Decoding.ApiServer)
{
    private readonly Stack<(string Path, TypeShape Shape)> _enclosing = new();

    /// <summary>The value of a node, or null after an error was reported.</summary>
    public object? Bind(Node node, TypeShape shape, string path) => shape.Kind switch
    {
        ShapeKind.Object => BindObject(node, shape, path),
        ShapeKind.List => BindList(node, shape, path),
        ShapeKind.Map => BindMap(node, shape, path),
        ShapeKind.Free => BindFree(node, shape, path),
        _ => BindScalar(node, shape, path),
    };

    private object? BindObject(Node node, TypeShape shape, string path)
    {
        if (node is not MappingNode mapping) return Wrong(node, path, "an object");

        object target = Activator.CreateInstance(shape.Type)!;
        var set = new List<(FieldShape Field, NodeEntry Entry)>();
        bool good = true;
        _enclosing.Push((path, shape));
        foreach (NodeEntry entry in mapping.Entries)
        {
            string fieldPath = NodePath.Member(path, entry.Key);
            if (!shape.FieldsByName.TryGetValue(FieldName(entry.Key, mapping), out FieldShape? field))
            {
                if (decoding == Decoding.ApiServer && !shape.IgnoredFields.Contains(entry.Key)) good = Unknown(entry, fieldPath, shape);
                continue;
            }
            if (entry.Value is ScalarNode { Kind: ScalarKind.Null }) continue;
            set.Add((field, entry));
            good &= BindField(target, field, entry, fieldPath);
        }
        _enclosing.Pop();
        good &= CheckRequired(mapping, shape, path, set) & CheckOneOfs(target, path, set);
        return good ? target : null;
    }

    // Proto JSON takes a field by its proto name as well; of two spellings the JSON name wins.
    private string FieldName(string key, MappingNode mapping)
    {
        if (decoding != Decoding.ProtoJson || !key.Contains('_', StringComparison.Ordinal)) return key;
        string[] words = key.Split('_');
        string name = words[0] + string.Concat(words.Skip(1).Select(word => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..]));
        return mapping.Find(name) is null ? name : key;
    }

    private bool BindField(object target, FieldShape field, NodeEntry entry, string path)
    {
        object? value = Bind(entry.Value, field.Shape, path);
        if (value is null) return false;
        if (field.Base64 && !IsBase64((string)value))
        {
            Wrong(entry.Value, path, "base64 text");
            return false;
        }
        field.Set(target, value);
        return true;
    }

    private bool CheckRequired(MappingNode mapping, TypeShape shape, string path, List<(FieldShape Field, NodeEntry Entry)> set)
    {
        bool good = true;
        foreach (FieldShape field in shape.Fields.Where(field => field.Required && set.All(entry => entry.Field != field)))
        {
            report(mapping.Line, mapping.Column, NodePath.Member(path, field.Name), "missing: this field is required");
            good = false;
        }
        return good;
    }

    private bool CheckOneOfs(object target, string path, List<(FieldShape Field, NodeEntry Entry)> set)
    {
        bool good = true;
        foreach (var group in set.Where(entry => entry.Field.OneOf is not null).GroupBy(entry => entry.Field.OneOf))
        {
            if (decoding == Decoding.ProtoJson)
            {
                foreach (FieldShape lost in group.Select(entry => entry.Field).OrderBy(field => field.Order).SkipLast(1)) lost.Set(target, null);
                continue;
            }
            NodeEntry[] entries = [.. group.Select(entry => entry.Entry).OrderBy(entry => (entry.Line, entry.Column))];
            if (entries.Length < 2) continue;
            report(entries[1].Line, entries[1].Column, path, $"only one of {string.Join(" and ", entries.Select(entry => entry.Key))} may be set");
            good = false;
        }
        return good;
    }

    private object? BindList(Node node, TypeShape shape, string path)
    {
        if (node is not SequenceNode sequence) return Wrong(node, path, "a list");
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(shape.ElementType!))!;
        bool good = true;
        for (int i = 0; i < sequence.Items.Count; i++)
        {
            object? item = Bind(sequence.Items[i], shape.Element, NodePath.Item(path, i));
            if (item is null) good = false;
            else items.Add(item);
        }
        if (!good) return null;
        return shape.Type.IsInterface ? items : CollectionFactory.Array(shape.ElementType!, items);
    }

    private object? BindMap(Node node, TypeShape shape, string path)
    {
        if (node is not MappingNode mapping) return Wrong(node, path, "an object");
        var entries = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), shape.ElementType!))!;
        bool good = true;
        foreach (NodeEntry entry in mapping.Entries)
        {
            object? value = Bind(entry.Value, shape.Element, NodePath.Member(path, entry.Key));
            if (value is null) good = false;
            else entries[entry.Key] = value;
        }
        if (!good) return null;
        return shape.Type.IsInterface ? entries : CollectionFactory.Map(shape.ElementType!, entries);
    }

    private object? BindFree(Node node, TypeShape shape, string path)
    {
        if (shape.Type != typeof(FreeForm)) return FreeValue.Of(node);
        return node is MappingNode ? new FreeForm(FreeValue.Of(node)) : Wrong(node, path, "an object");
    }

    private object? BindScalar(Node node, TypeShape shape, string path)
    {
        if (node is not ScalarNode scalar) return Wrong(node, path, Expected(shape));
        object? value = Scalar(scalar, shape) ?? (decoding == Decoding.ProtoJson ? LenientScalar(scalar, shape) : null);
        if (value is not null) return value;
        string hint = shape.Kind == ShapeKind.Enum ? Suggestion.For(scalar.Text, shape.EnumMembers.Keys) : "";
        return Wrong(node, path, Expected(shape), hint);
    }

    private static object? Scalar(ScalarNode scalar, TypeShape shape) => (shape.Kind, scalar.Kind) switch
    {
        (ShapeKind.String, ScalarKind.String) => scalar.Text,
        (ShapeKind.Boolean, ScalarKind.Boolean) => scalar.Text == "true",
        (ShapeKind.Integer, ScalarKind.Integer) => Integer(scalar.Text, shape.Type),
        // YAML's 80.0 is JSON's 80.
        (ShapeKind.Integer, ScalarKind.Float) => Number(scalar.Text) is double whole && whole % 1 == 0 && Math.Abs(whole) < 1e15
            ? Integer(whole.ToString("F0", CultureInfo.InvariantCulture), shape.Type) : null,
        (ShapeKind.Number, ScalarKind.Integer or ScalarKind.Float) => Number(scalar.Text),
        (ShapeKind.Duration, ScalarKind.String) => Duration.TryParse(scalar.Text, out Duration span) ? span : null,
        (ShapeKind.Timestamp, ScalarKind.String) => Timestamp(scalar.Text, shape.Type),
        (ShapeKind.Bytes, ScalarKind.String) => IsBase64(scalar.Text) ? Convert.FromBase64String(scalar.Text) : null,
        (ShapeKind.IntOrString, ScalarKind.String or ScalarKind.Integer) => (k8s.Models.IntOrString)scalar.Text,
        (ShapeKind.Quantity, ScalarKind.String or ScalarKind.Integer or ScalarKind.Float) => Quantity(scalar.Text),
        (ShapeKind.Enum, ScalarKind.String) => shape.EnumMembers.GetValueOrDefault(scalar.Text),
        _ => null,
    };

    // Proto JSON: numbers in quotes, enums by number.
    private static object? LenientScalar(ScalarNode scalar, TypeShape shape) => (shape.Kind, scalar.Kind) switch
    {
        (ShapeKind.Integer, ScalarKind.String) when BigInteger.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
            Integer(scalar.Text, shape.Type),
        (ShapeKind.Number, ScalarKind.String) => Number(scalar.Text),
        (ShapeKind.Enum, ScalarKind.Integer) when int.TryParse(scalar.Text, CultureInfo.InvariantCulture, out int number) =>
            Enum.ToObject(shape.Type, number),
        _ => null,
    };

    // Of a wrong kind, or of the right kind and outside of what the type holds.
    private object? Wrong(Node node, string path, string expected, string hint = "")
    {
        string found = node switch
        {
            MappingNode => "an object",
            SequenceNode => "a list",
            ScalarNode { Kind: ScalarKind.Null } => "nothing",
            ScalarNode { Kind: ScalarKind.String } scalar => $"\"{scalar.Text}\"",
            ScalarNode { Kind: ScalarKind.Boolean } scalar => $"the boolean {scalar.Written}",
            ScalarNode scalar => $"the number {scalar.Written}",
            _ => "something else",
        };
        report(node.Line, node.Column, path, $"expected {expected}, found {found}{hint}");
        return null;
    }

    private bool Unknown(NodeEntry entry, string path, TypeShape shape)
    {
        string hint = Suggestion.For(entry.Key, shape.FieldsByName.Keys);
        if (hint.Length == 0) hint = RightPlace(entry.Key, shape);
        report(entry.Line, entry.Column, path, $"unknown field{hint}");
        return false;
    }

    // A field that exists one level down or further up was most likely indented wrongly.
    private string RightPlace(string name, TypeShape shape)
    {
        foreach ((string path, TypeShape outer) in _enclosing.Skip(1))
        {
            if (outer.FieldsByName.ContainsKey(name)) return $"; it belongs to {(path.Length == 0 ? "the object itself" : path)}";
        }
        foreach (FieldShape field in shape.Fields)
        {
            TypeShape inner = field.Shape.Kind == ShapeKind.List ? field.Shape.Element : field.Shape;
            if (inner.Kind == ShapeKind.Object && inner.FieldsByName.ContainsKey(name)) return $"; it belongs to {field.Name}";
        }
        return "";
    }

    private static string Expected(TypeShape shape) => shape.Kind switch
    {
        ShapeKind.String => "a text (in quotes if it looks like a number or a boolean)",
        ShapeKind.Boolean => "true or false",
        ShapeKind.Integer when shape.Type == typeof(uint) || shape.Type == typeof(ulong) => "a whole number from 0",
        ShapeKind.Integer => "a whole number",
        ShapeKind.Number => "a number",
        ShapeKind.Duration => "a duration such as \"10s\", \"500ms\" or \"1h30m\"",
        ShapeKind.Timestamp => "a time such as \"2026-01-31T12:00:00Z\"",
        ShapeKind.Bytes => "base64 text",
        ShapeKind.IntOrString => "a whole number or a name",
        ShapeKind.Quantity => "a quantity such as \"100m\" or \"64Mi\"",
        ShapeKind.Enum => $"one of {string.Join(", ", shape.EnumMembers.Keys)}",
        _ => "a value",
    };

    private static object? Integer(string text, Type type)
    {
        BigInteger value = BigInteger.Parse(text, CultureInfo.InvariantCulture);
        if (type == typeof(int)) return value >= int.MinValue && value <= int.MaxValue ? (int)value : null;
        if (type == typeof(uint)) return value >= 0 && value <= uint.MaxValue ? (uint)value : null;
        if (type == typeof(long)) return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
        return value >= 0 && value <= ulong.MaxValue ? (ulong)value : null;
    }

    private static object? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static object? Timestamp(string text, Type type)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset value)) return null;
        return type == typeof(DateTime) ? (object)value.UtcDateTime : value;
    }

    private static object? Quantity(string text)
    {
        try
        {
            return new k8s.Models.ResourceQuantity(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsBase64(string text) => System.Buffers.Text.Base64.IsValid(text);
}
