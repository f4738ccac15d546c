using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsCheck;
using Lateen.Resources.Reading;

namespace Lateen.Resources.Tests.Reading;

/// <summary>Makes any record of the API with any of its fields set, so a new field is tested without a line here.</summary>
internal static class ResourceGen
{
    private const int MaxDepth = 12;

    private static readonly string[] Texts =
        ["a", "", " ", "yes", "5", "null", "~", "1e3", "0x1", "- a", "a: b", "#", "{", "'\"", "\\", "a\nb\n", "\t", "é😀", "\u2028", "\u0085", "\u0001", "\ufeff", "<<", "*", "&a", "!x", "%", "@", "`", "?"];

    private static readonly Gen<string> Text = Gen.Int[0, Texts.Length - 1].Array[0, 3].Select(picks => string.Concat(picks.Select(pick => Texts[pick])));

    private static readonly Gen<string> Key = Gen.Select(Gen.Int[0, 99], Text, (number, text) => $"{text}{number}");

    public static Gen<T> Of<T>(string apiVersion)
        where T : IstioResource => Value(typeof(T), 0).Select(value => (T)value with { ApiVersion = apiVersion, Kind = typeof(T).Name });

    private static Gen<object> Value(Type type, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return Text.Select(value => (object)value);
        if (type == typeof(bool)) return Gen.Bool.Select(value => (object)value);
        if (type == typeof(int)) return Gen.Int.Select(value => (object)value);
        if (type == typeof(uint)) return Gen.UInt.Select(value => (object)value);
        if (type == typeof(long)) return Gen.Long.Select(value => (object)value);
        if (type == typeof(ulong)) return Gen.ULong.Select(value => (object)value);
        if (type == typeof(double)) return Gen.Double[-1e12, 1e12].Select(value => (object)value);
        if (type == typeof(Duration)) return Gen.Int.Select(value => (object)Duration.FromMilliseconds(value));
        if (type == typeof(DateTimeOffset)) return Gen.UInt.Select(value => (object)DateTimeOffset.FromUnixTimeSeconds(value));
        if (type == typeof(FreeForm)) return Gen.Select(Key, Text, Gen.Int, Form);
        if (type.IsEnum) return Gen.Int[0, Enum.GetValues(type).Length - 1].Select(value => Enum.GetValues(type).GetValue(value)!);
        if (!type.IsGenericType) return new RecordGen(type, depth);

        Type element = type.GenericTypeArguments[0];
        Gen<object> item = Value(element, depth + 1);
        return type.GetGenericTypeDefinition() == typeof(EquatableArray<>)
            ? item.Array[0, 2].Select(items => Generic(nameof(ArrayOf), element, items))
            : Gen.Select(Key, item, KeyValuePair.Create).Array[0, 2].Select(entries => Generic(nameof(MapOf), element, entries));
    }

    private static object Form(string key, string text, int number) => new FreeForm(JsonSerializer.SerializeToElement(
        new Dictionary<string, object?> { [key] = new object?[] { text, number, number / 4.0, number > 0, null }, ["@type"] = new Dictionary<string, string> { [key] = text } }));

    private static object Generic(string method, Type element, object argument) =>
        typeof(ResourceGen).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element).Invoke(null, [argument])!;

    private static EquatableArray<T> ArrayOf<T>(object[] items) => items.Cast<T>().ToEquatableArray();

    private static EquatableMap<T> MapOf<T>(KeyValuePair<string, object>[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Key, (T)entry.Value)));

    private sealed class RecordGen(Type type, int depth) : Gen<object>
    {
        private readonly PropertyInfo[] _fields =
            [.. type.GetProperties().Where(property => property.CanWrite && property.GetCustomAttribute<NotAFieldAttribute>() is null)];

        public override object Generate(PCG pcg, Size? min, out Size size)
        {
            size = new Size(0);
            object target = Activator.CreateInstance(type)!;
            var groups = new HashSet<string>();
            foreach (PropertyInfo field in _fields)
            {
                bool required = field.GetCustomAttribute<RequiredMemberAttribute>() is not null;
                bool chosen = required || (depth < MaxDepth && pcg.Next(3) == 0);
                if (!chosen || (field.GetCustomAttribute<OneOfAttribute>() is { } oneOf && !groups.Add(oneOf.Group))) continue;
                object value = field.GetCustomAttribute<Base64StringAttribute>() is null
                    ? Value(field.PropertyType, depth + 1).Generate(pcg, null, out _)
                    : Convert.ToBase64String(BitConverter.GetBytes(pcg.Next(1000)));
                field.SetValue(target, value);
            }
            return target;
        }
    }
}
