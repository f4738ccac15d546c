using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>Gateway and its servers (GW-1 to GW-17).</summary>
internal static class GatewayRules
{
    public static void Check(Gateway gateway, Field at)
    {
        bool gatewayApi = ObjectRules.HasGatewaySemantics(gateway);
        at["metadata"]["name"].Check("GW-1", gatewayApi ? null : DnsLabel.Problem(gateway.Name));
        Field servers = at["spec"]["servers"];
        servers.Require("GW-2", !gateway.Spec.Servers.IsEmpty, "needs at least one server");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < gateway.Spec.Servers.Count; i++)
        {
            Server server = gateway.Spec.Servers[i];
            CheckServer(server, gatewayApi, servers[i]);
            servers[i]["port"]["name"].Require("GW-11", names.Add(server.Port.Name), $"\"{server.Port.Name}\" is the name of another server's port");
        }
    }

    private static void CheckServer(Server server, bool gatewayApi, Field at)
    {
        at["hosts"].Require("GW-3", !server.Hosts.IsEmpty, "needs at least one host");
        for (int i = 0; i < server.Hosts.Count; i++)
        {
            string rule = server.Hosts[i].StartsWith("~/", StringComparison.Ordinal) ? "GW-5" : "GW-4";
            at["hosts"][i].Check(rule, NamespacedHost.GatewayProblem(server.Hosts[i], gatewayApi));
        }
        bool good = CheckPort(server, at["port"]);
        CheckBind(server, at["bind"]);
        if (good) CheckTlsFitsProtocol(server, at);
        ServerTlsRules.Check(server.Tls, Protocols.IsHttp(server.Port.Protocol), at["tls"]);
    }

    private static bool CheckPort(Server server, Field at)
    {
        bool socket = server.Port.Number == 0 && UnixPath.Is(server.Bind);
        return at["protocol"].Check("GW-7", Protocols.Problem(server.Port.Protocol))
            & at["number"].Check("GW-8", socket ? null : Numbers.PortProblem(server.Port.Number))
            & at["targetPort"].Require("GW-9", server.Port.TargetPort == 0, "has no effect at gateways")
            & at["name"].Require("GW-10", server.Port.Name.Length > 0, "must not be empty");
    }

    private static void CheckBind(Server server, Field at)
    {
        if (string.IsNullOrEmpty(server.Bind)) return;
        if (!UnixPath.Is(server.Bind))
        {
            at.Check("GW-14", IpAddress.Problem(server.Bind));
            return;
        }
        at.Check("GW-12", UnixPath.Problem(server.Bind));
        at.Require("GW-13", server.Port.Number == 0, "a socket path needs the port number 0");
    }

    private static void CheckTlsFitsProtocol(Server server, Field at)
    {
        ServerTlsSettings? tls = server.Tls;
        string protocol = server.Port.Protocol;
        if (Protocols.IsTls(protocol)) at["tls"].Require("GW-15", tls is not null, $"{protocol} needs tls");
        if (tls is null || Protocols.IsTls(protocol)) return;
        bool plain = tls.Mode is ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough && string.IsNullOrEmpty(tls.CaCertificates)
            && string.IsNullOrEmpty(tls.PrivateKey) && string.IsNullOrEmpty(tls.ServerCertificate);
        if (Protocols.IsHttp(protocol)) at["tls"].Require("GW-16", plain, $"{protocol} is plain text and takes only httpsRedirect; HTTPS has TLS");
        else at["tls"].Error("GW-17", $"{protocol} takes no tls; HTTPS and TLS do");
    }
}
