
namespace Lateen.Proxy.Bootstrap;

/// <summary>The version of this build.</summary>
public static class ProxyVersion
{
    /// <summary>E.g. <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(ProxyVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
