using Envoy.Config.Core.V3;
using Envoy.Type.V3;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Matching;

/// <summary>A share of requests: numerator of 100, 10,000 or 1,000,000.</summary>
public readonly record struct Fraction(uint Numerator, uint Denominator)
{
    /// <summary>Every request.</summary>
    public static readonly Fraction All = new(100, 100);

    /// <summary>Compiles a percentage.</summary>
    /// <exception cref="ConfigurationException">An unknown denominator.</exception>
    public static Fraction Compile(FractionalPercent percent, string path) => new(percent.Numerator, percent.Denominator switch
    {
        FractionalPercent.Types.DenominatorType.Hundred => 100,
        FractionalPercent.Types.DenominatorType.TenThousand => 10_000,
        FractionalPercent.Types.DenominatorType.Million => 1_000_000,
        _ => throw new ConfigurationException($"{path}.denominator", "unknown denominator"),
    });

    /// <summary>Compiles the default value of a runtime fraction; there are no runtime overrides. Unset means every request.</summary>
    public static Fraction Compile(RuntimeFractionalPercent? percent, string path) =>
        percent?.DefaultValue is { } value ? Compile(value, $"{path}.default_value") : All;

    /// <summary>True when a request with this random value is within the share (Envoy: value modulo denominator below numerator).</summary>
    public bool Contains(ulong random) => random % Denominator < Numerator;
}
