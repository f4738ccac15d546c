namespace Lateen.Proxy.Configuration;

/// <summary>
/// A resource or bootstrap that the proxy cannot honour: a NACK, or a start-up error. The message names the field's path.
/// </summary>
public sealed class ConfigurationException(string path, string problem, Exception? inner = null)
    : Exception(path.Length > 0 ? $"{path}: {problem}" : problem, inner)
{
    /// <summary>The field's path, e.g. <c>filter_chains[0].filters[1].typed_config</c>; may be empty.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong with it.</summary>
    public string Problem { get; } = problem;

    /// <summary>The same problem, seen from the message that holds it.</summary>
    public ConfigurationException Within(string outer) =>
        new(Path.Length == 0 ? outer : Path[0] == '[' ? outer + Path : $"{outer}.{Path}", Problem, InnerException);
}
