using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>One way to look at what a proxy's administration answers.</summary>
internal interface IProxyView
{
    /// <summary>What to ask for.</summary>
    string Path { get; }

    /// <summary>Headings of the table.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>The resources in an answer.</summary>
    IEnumerable<JsonNode> Resources(JsonNode answer);

    /// <summary>The rows of one resource.</summary>
    IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource);
}
