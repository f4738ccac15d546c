using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;
using Lateen.Validation.Shared;

namespace Lateen.Validation.Networking;

/// <summary>Sidecar and its inbound listeners (SC-1 to SC-18, SC-32 to SC-36).</summary>
internal static class SidecarRules
{
    public static void Check(Sidecar sidecar, Field at)
    {
        SidecarSpec spec = sidecar.Spec;
        Field place = at["spec"];
        Selectors.Check(spec.WorkloadSelector, place["workloadSelector"]);
        bool any = !spec.Egress.IsEmpty || !spec.Ingress.IsEmpty || spec.OutboundTrafficPolicy is not null || spec.InboundConnectionPool is not null;
        if (!place.Require("SC-2", any, "must set ingress, egress, outboundTrafficPolicy or inboundConnectionPool")) return;
        var ports = new HashSet<uint>();
        for (int i = 0; i < spec.Ingress.Count; i++)
        {
            CheckIngress(spec.Ingress[i], place["ingress"][i]);
            place["ingress"][i]["port"]["number"].Require("SC-9", ports.Add(spec.Ingress[i].Port.Number), "is the port of another listener");
        }
        SidecarEgressRules.Check(spec.Egress, sidecar.Namespace, place["egress"]);
        // SC-17
        ConnectionPoolRules.Check(spec.InboundConnectionPool, place["inboundConnectionPool"]);
        CheckOutbound(spec.OutboundTrafficPolicy, place["outboundTrafficPolicy"]);
    }

    /// <summary>SC-4 to SC-6.</summary>
    public static void CheckPort(SidecarPort port, Field at)
    {
        at["targetPort"].Require("SC-4", port.TargetPort == 0, "has no effect in Sidecars");
        if (!string.IsNullOrEmpty(port.Name)) at["name"].Check("SC-5", DnsLabel.Problem(port.Name));
        at["protocol"].Check("SC-6", Protocols.OptionalProblem(port.Protocol));
    }

    private static void CheckIngress(SidecarIngressListener listener, Field at)
    {
        CheckPort(listener.Port, at["port"]);
        at["port"]["number"].Check("SC-7", Numbers.PortProblem(listener.Port.Number));
        if (!string.IsNullOrEmpty(listener.Bind)) at["bind"].Check("SC-8", IpAddress.Problem(listener.Bind));
        CheckEndpoint(listener.DefaultEndpoint ?? "", at["defaultEndpoint"]);
        if (listener.Tls is { } tls) CheckTls(tls, listener.Port.Protocol, at["tls"]);
        ConnectionPoolRules.Check(listener.ConnectionPool, at["connectionPool"]);
        if (listener.ConnectionPool?.Http is not null && !Protocols.IsHttp(listener.Port.Protocol))
            at["connectionPool"]["http"].Warning("SC-18", "has no effect: the port's protocol is not HTTP");
    }

    private static void CheckEndpoint(string endpoint, Field at)
    {
        if (endpoint.Length == 0) return;
        if (UnixPath.Is(endpoint))
        {
            at.Check("SC-10", UnixPath.Problem(endpoint));
            return;
        }
        int colon = endpoint.LastIndexOf(':');
        string host = colon < 0 ? endpoint : endpoint[..colon];
        bool local = host is "" or "127.0.0.1" or "0.0.0.0" or "[::1]" or "[::]" && colon >= 0;
        bool port = Numbers.TryInteger(endpoint[(colon + 1)..], out long number) && Numbers.IsPort(number);
        at.Require("SC-11", local && port && colon >= 0, $"\"{endpoint}\" must be 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///path");
    }

    private static void CheckTls(ServerTlsSettings tls, string? protocol, Field at)
    {
        const string Unsupported = "is not supported in a Sidecar";
        at["subjectAltNames"].Require("SC-13", tls.SubjectAltNames.IsEmpty, Unsupported);
        at["httpsRedirect"].Require("SC-13", !tls.HttpsRedirect, Unsupported);
        at["credentialName"].Require("SC-13", string.IsNullOrEmpty(tls.CredentialName), Unsupported);
        at["credentialNames"].Require("SC-13", tls.CredentialNames.IsEmpty, Unsupported);
        at["tlsCertificates"].Require("SC-13", tls.TlsCertificates.IsEmpty, Unsupported);
        at["mode"].Require("SC-14", tls.Mode is not (ServerTlsMode.IstioMutual or ServerTlsMode.AutoPassthrough), Unsupported);
        at.Require("SC-15", Protocols.IsTls(protocol), "needs the protocol HTTPS or TLS");
        // SC-16
        ServerTlsRules.Check(tls, http: true, at);
    }

    private static void CheckOutbound(SidecarOutboundTrafficPolicy? policy, Field at)
    {
        if (policy?.EgressProxy is not { } proxy) return;
        Field place = at["egressProxy"];
        if (!place.Require("SC-33", policy.Mode == SidecarOutboundMode.AllowAny, "needs mode ALLOW_ANY (the default is REGISTRY_ONLY)")) return;
        place["host"].Check("SC-34", HostName.FqdnProblem(proxy.Host));
        place["port"].Require("SC-35", proxy.Port is not null, "is needed");
        // SC-36
        RouteTargetRules.Check(proxy, place);
    }
}
