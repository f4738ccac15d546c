using CsCheck;

namespace Lateen.Translation.Tests;

/// <summary>Generators.</summary>
internal static class Any
{
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
