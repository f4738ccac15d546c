using System.Collections;
using System.Reflection;

namespace Lateen.Resources.Reading;

/// <summary>Makes the records' collections of element types known only at run time.</summary>
internal static class CollectionFactory
{
    private static readonly MethodInfo ArrayOf = Method(nameof(MakeArray));
    private static readonly MethodInfo MapOf = Method(nameof(MakeMap));

    public static object Array(Type element, IList items) => ArrayOf.MakeGenericMethod(element).Invoke(null, [items])!;

    public static object Map(Type value, IDictionary entries) => MapOf.MakeGenericMethod(value).Invoke(null, [entries])!;

    private static EquatableArray<T> MakeArray<T>(List<T> items) => items.ToEquatableArray();

    private static EquatableMap<T> MakeMap<T>(Dictionary<string, T> entries) => new EquatableMap<T>(entries);

    private static MethodInfo Method(string name) => typeof(CollectionFactory).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
}
