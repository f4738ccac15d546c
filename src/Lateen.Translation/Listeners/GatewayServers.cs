using Lateen.Registry;
using Lateen.Resources.Networking;

namespace Lateen.Translation.Listeners;

/// <summary>A server of a Gateway resource with the address a proxy binds for it.</summary>
/// <param name="Gateway">The resource.</param>
/// <param name="Server">The server.</param>
/// <param name="Bind">The address.</param>
/// <param name="Port">The port bound: a service's target port where there is one, else the server's own number.</param>
/// <param name="DefaultBind">The address is the wildcard because the server names none.</param>
internal sealed record GatewayServer(Gateway Gateway, Server Server, string Bind, int Port, bool DefaultBind)
{
    public Protocol Protocol { get; } = ProtocolSelection.Parse(Server.Port.Protocol);

    /// <summary>The name by which VirtualServices bind to it.</summary>
    public string GatewayName => $"{Gateway.Namespace}/{Gateway.Name}";

    public int Number => (int)Server.Port.Number;

    public bool IsPlainHttp => Protocol.IsHttp();

    /// <summary>TLS ends here and HTTP is inside.</summary>
    public bool IsHttps =>
        Protocol == Protocol.Https && Server.Tls is { Mode: not (ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough) };

    public bool IsTls => !IsPlainHttp && Server.Tls is not null;

    /// <summary>Requests in plaintext are sent to HTTPS.</summary>
    public bool RedirectsToHttps => Server.Tls?.HttpsRedirect == true;

    /// <summary>The name of its route configuration: of all plaintext servers on a port together, of each HTTPS server.</summary>
    public string RouteName => IsHttps
        ? $"https.{Server.Port.Number}.{Server.Port.Name}.{Gateway.Name}.{Gateway.Namespace}{BindSuffix}"
        : $"http.{Port}{BindSuffix}";

    /// <summary>Its hosts with the namespace that VirtualServices must be of; null for any.</summary>
    public IEnumerable<(string? Namespace, string Host)> Hosts => Server.Hosts.Select(ParseHost);

    /// <summary>Server names of its TLS, sorted; empty for any.</summary>
    public IReadOnlyList<string> ServerNames
    {
        get
        {
            var hosts = Hosts.Select(host => host.Host).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            return hosts.Contains("*") ? [] : hosts;
        }
    }

    private string BindSuffix => DefaultBind ? "" : "." + Bind;

    private (string? Namespace, string Host) ParseHost(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return (null, text);
        return text[..slash] switch
        {
            "*" => (null, text[(slash + 1)..]),
            "." => (Gateway.Namespace, text[(slash + 1)..]),
            var other => (other, text[(slash + 1)..]),
        };
    }
}

/// <summary>The servers of all Gateways that select a proxy, oldest Gateway first, without those that conflict with an older one.</summary>
internal sealed class GatewayServers
{
    private const int FirstUnprivilegedPort = 1024;

    private readonly ProxyView view;
    private readonly Dictionary<(string Bind, int Port), List<GatewayServer>> byAddress = [];
    private readonly List<TranslationNote> notes = [];

    public GatewayServers(ProxyView view)
    {
        this.view = view;
        foreach (var gateway in view.Snapshot.GatewaysFor(view.Node.Labels))
            foreach (var server in gateway.Spec.Servers) Add(gateway, server);
    }

    /// <summary>Servers by the address they share, by port and address.</summary>
    public IEnumerable<IReadOnlyList<GatewayServer>> ByAddress =>
        byAddress.OrderBy(address => address.Key.Port).ThenBy(address => address.Key.Bind, StringComparer.Ordinal)
            .Select(address => address.Value);

    /// <summary>Servers left out, and why.</summary>
    public IReadOnlyList<TranslationNote> Notes => notes;

    public IEnumerable<GatewayServer> ByRoute(string routeName) =>
        ByAddress.SelectMany(servers => servers).Where(server => (server.IsPlainHttp || server.IsHttps) && server.RouteName == routeName);

    private void Add(Gateway gateway, Server server)
    {
        var bound = string.IsNullOrEmpty(server.Bind)
            ? new GatewayServer(gateway, server, view.Node.WildcardAddress, BoundPort(server), DefaultBind: true)
            : new GatewayServer(gateway, server, server.Bind, BoundPort(server), DefaultBind: false);
        if (!byAddress.TryGetValue((bound.Bind, bound.Port), out var others)) others = [];
        if (Conflict(bound, others) is { } reason)
        {
            notes.Add(TranslationNote.Of(gateway, $"spec.servers[port {server.Port.Number}]", reason));
            return;
        }
        others.Add(bound);
        byAddress[(bound.Bind, bound.Port)] = others;
    }

    /// <summary>Behind a service whose port is the server's, the target port is what arrives.</summary>
    private int BoundPort(Server server)
    {
        if (view.Workload is null) return (int)server.Port.Number;
        var target = view.Snapshot.InstancesOf(view.Workload).FirstOrDefault(instance => instance.Port.Number == server.Port.Number);
        return (int)(target?.Endpoint.Port ?? server.Port.Number);
    }

    private string? Conflict(GatewayServer server, List<GatewayServer> others)
    {
        if (server.Port < FirstUnprivilegedPort && view.Node.Unprivileged) return $"the gateway may not bind port {server.Port}";
        if (server.Protocol == Protocol.Https && server.Server.Tls is null) return "a server of HTTPS needs tls";
        if (server.Server.Tls?.Mode == ServerTlsMode.AutoPassthrough) return "tls mode AUTO_PASSTHROUGH is not supported yet";
        if (server.Bind.StartsWith("unix:", StringComparison.Ordinal)) return "binding a socket path is not supported yet";
        if (others.Count == 0 || (server.IsPlainHttp && others[0].IsPlainHttp)) return null;
        var older = others[0].GatewayName;
        if (!server.IsTls || !others[0].IsTls) return $"port {server.Port} is already taken by {older} for another protocol";
        var taken = others.SelectMany(other => other.Hosts).Select(host => host.Host);
        var twice = taken.Intersect(server.Hosts.Select(host => host.Host)).FirstOrDefault();
        return twice is null ? null : $"host {twice} on port {server.Port} is already taken by {older}";
    }
}
