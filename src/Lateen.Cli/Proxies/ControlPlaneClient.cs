using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Lateen.ControlPlane;
using Lateen.ControlPlane.Api;

namespace Lateen.Cli.Proxies;

/// <summary>Asks the control plane of a state folder, and the proxies it knows.</summary>
internal sealed class ControlPlaneClient : IDisposable
{
    private const int AdminPort = 15000;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _address;

    private ControlPlaneClient(string address) => _address = address.TrimEnd('/');

    /// <summary>Finds the control plane. Throws <see cref="ProblemException"/> when none runs.</summary>
    internal static ControlPlaneClient Find(string stateFolder)
    {
        try
        {
            return StatusFile.Read(stateFolder) is { } status
                ? new ControlPlaneClient(status.Address)
                : throw new ProblemException($"no mesh runs with the state folder {stateFolder}; start one with lateen up, or name its folder with --state");
        }
        catch (InvalidDataException broken)
        {
            throw new ProblemException(broken.Message);
        }
    }

    /// <summary>The proxies that are connected.</summary>
    internal Task<IReadOnlyList<ProxyStatus>> ProxiesAsync(CancellationToken cancellation) =>
        GetAsync($"{_address}/debug/syncz", "the control plane", ApiJson.Default.IReadOnlyListProxyStatus, cancellation);

    /// <summary>
    /// The one proxy that a user means: <c>pod.namespace</c>, the pod's name alone, or the beginning of either as long as it is one's only.
    /// </summary>
    internal async Task<ProxyStatus> ProxyAsync(string name, CancellationToken cancellation)
    {
        var proxies = await ProxiesAsync(cancellation).ConfigureAwait(false);
        var matches = proxies.Where(proxy => proxy.Proxy == name || proxy.Proxy.Split('.')[0] == name).ToList();
        if (matches.Count == 0)
            matches = [.. proxies.Where(proxy => proxy.Proxy.StartsWith(name, StringComparison.Ordinal))];
        var known = string.Join(", ", (matches.Count > 1 ? matches : proxies).Select(proxy => proxy.Proxy));
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw new ProblemException($"there is no proxy {name}; connected are: {(known.Length == 0 ? "none" : known)}"),
            _ => throw new ProblemException($"{name} may mean {known}"),
        };
    }

    /// <summary>What a proxy's administration answers to a path.</summary>
    internal Task<JsonNode> AdminAsync(ProxyStatus proxy, string path, CancellationToken cancellation) =>
        GetAsync($"http://{proxy.Node.Split('~')[1]}:{AdminPort}{path}", $"the proxy {proxy.Proxy}", NodeJson.Default.JsonNode, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string url, string whom, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using var response = await _http.GetAsync(url, cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new ProblemException($"{whom} answered {url} with {(int)response.StatusCode}");
            using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, cancellation).ConfigureAwait(false)
                ?? throw new ProblemException($"{whom} answered {url} with nothing");
        }
        catch (HttpRequestException refused)
        {
            throw new ProblemException($"{whom} does not answer at {url}: {refused.Message}");
        }
        catch (JsonException broken)
        {
            throw new ProblemException($"{whom} answered {url} with something that is no JSON: {broken.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ProblemException($"{whom} does not answer at {url} within {_http.Timeout.TotalSeconds} s");
        }
    }
}
