using Lateen.Resources;
using Lateen.Resources.Networking;

namespace Lateen.Translation.Tests;

/// <summary>Short ways to write pieces of rules.</summary>
internal static class Rules
{
    public static HttpRoute To(string host, string? subset = null, uint port = 0) => new() { Route = [Target(host, 0, subset, port)] };

    public static HttpRoute Split(params HttpRouteDestination[] targets) => new() { Route = targets.ToEquatableArray() };

    public static HttpRouteDestination Target(string host, int weight = 0, string? subset = null, uint port = 0) => new()
    {
        Destination = new Destination { Host = host, Subset = subset, Port = port == 0 ? null : new PortSelector { Number = port } },
        Weight = weight,
    };

    public static HttpRoute When(this HttpRoute route, params HttpMatchRequest[] matches) =>
        route with { Match = matches.ToEquatableArray() };

    public static HttpMatchRequest Prefix(string prefix) => new() { Uri = new StringMatch { Prefix = prefix } };

    public static Subset Subset(string name, TrafficPolicy? policy = null) =>
        new() { Name = name, Labels = new Dictionary<string, string> { ["version"] = name }, TrafficPolicy = policy };

    public static Server Server(uint number, string protocol, string[] hosts, ServerTlsSettings? tls = null, string? name = null) => new()
    {
        Port = new ServerPort { Number = number, Protocol = protocol, Name = $"{protocol.ToLowerInvariant()}-{number}" },
        Hosts = hosts.ToEquatableArray(),
        Tls = tls,
        Name = name,
    };
}
