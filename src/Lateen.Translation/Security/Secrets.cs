using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Security;

/// <summary>The names of secrets and where a proxy fetches them.</summary>
internal static class Secrets
{
    /// <summary>The workload's own certificate and key.</summary>
    public const string Workload = "default";

    /// <summary>The roots of the mesh.</summary>
    public const string RootCertificates = "ROOTCA";

    /// <summary>The roots the operating system trusts.</summary>
    public const string SystemRoots = "file-root:system";

    private const string CaSuffix = "-cacert";

    /// <summary>The resource name for a credentialName: bare names are Kubernetes secrets, names with a scheme stay.</summary>
    public static string CredentialName(string credentialName) => credentialName switch
    {
        "builtin://" => Workload,
        _ when credentialName.Contains("://", StringComparison.Ordinal) => credentialName,
        _ => "kubernetes://" + credentialName,
    };

    /// <summary>The resource with the roots that belong to a credentialName.</summary>
    public static string CredentialRoots(string credentialName) => credentialName switch
    {
        "builtin://" => RootCertificates,
        _ when credentialName.EndsWith(CaSuffix, StringComparison.Ordinal) => CredentialName(credentialName),
        _ => CredentialName(credentialName) + CaSuffix,
    };

    public static string FileCertificate(string certificate, string key) => $"file-cert:{certificate}~{key}";

    public static string FileRoots(string path) => path == "system" ? SystemRoots : "file-root:" + path;

    /// <summary>A secret of this proxy's local agent, over its socket.</summary>
    public static SdsSecretConfig FromAgent(string name) => new()
    {
        Name = name,
        SdsConfig = new ConfigSource
        {
            ResourceApiVersion = ApiVersion.V3,
            InitialFetchTimeout = new Duration(),
            ApiConfigSource = new ApiConfigSource
            {
                ApiType = ApiConfigSource.Types.ApiType.Grpc,
                TransportApiVersion = ApiVersion.V3,
                SetNodeOnFirstMessageOnly = true,
                GrpcServices = { new GrpcService { EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = ClusterName.SdsGrpc } } },
            },
        },
    };

    /// <summary>
    /// A secret of the control plane. The usual fetch timeout applies, so that a missing secret does not hold up the whole listener.
    /// </summary>
    public static SdsSecretConfig FromControlPlane(string name) => new() { Name = name, SdsConfig = Messages.Ads() };

    /// <summary>The source that a name's form asks for: the agent for its own names and files, the control plane else.</summary>
    public static SdsSecretConfig ByName(string name) =>
        name is Workload or RootCertificates || name.StartsWith("file-", StringComparison.Ordinal)
            ? FromAgent(name)
            : FromControlPlane(name);
}
