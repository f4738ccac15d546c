using Lateen.Resources;
using Lateen.Resources.Mesh;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Mesh;

/// <summary>Extension providers (XP). Istio only logs what is wrong with them, so these are warnings (MC-18).</summary>
internal static class ExtensionProviderRules
{
    public static void Check(EquatableArray<ExtensionProvider> providers, Field at)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < providers.Count; i++)
        {
            string name = providers[i].Name ?? "";
            Warn("XP-1", name.Length > 0 ? null : "must not be empty", at[i]["name"]);
            Warn("XP-2", names.Add(name) ? null : $"\"{name}\" is the name of another provider", at[i]["name"]);
            CheckProvider(providers[i], at[i]);
        }
    }

    private static void CheckProvider(ExtensionProvider provider, Field at)
    {
        (string Name, string? Service, uint Port)? service = provider switch
        {
            { EnvoyExtAuthzHttp: { } http } => ("envoyExtAuthzHttp", http.Service, http.Port),
            { EnvoyExtAuthzGrpc: { } grpc } => ("envoyExtAuthzGrpc", grpc.Service, grpc.Port),
            { Zipkin: { } zipkin } => ("zipkin", zipkin.Service, zipkin.Port),
            { Lightstep: { } lightstep } => ("lightstep", lightstep.Service, lightstep.Port),
            { Datadog: { } datadog } => ("datadog", datadog.Service, datadog.Port),
            { Opencensus: { } census } => ("opencensus", census.Service, census.Port),
            { Skywalking: { } sky } => ("skywalking", sky.Service, sky.Port),
            { Opentelemetry: { } telemetry } => ("opentelemetry", telemetry.Service, telemetry.Port),
            { EnvoyOtelAls: { } otel } => ("envoyOtelAls", otel.Service, otel.Port),
            { EnvoyHttpAls: { } http } => ("envoyHttpAls", http.Service, http.Port),
            { EnvoyTcpAls: { } tcp } => ("envoyTcpAls", tcp.Service, tcp.Port),
            _ => null,
        };
        bool known = service is not null || provider.Prometheus is not null || provider.Stackdriver is not null || provider.EnvoyFileAccessLog is not null;
        Warn("XP-3", known ? null : "names no supported kind of provider", at);
        if (service is { } target)
        {
            Warn("XP-4", ServiceProblem(target.Service ?? ""), at[target.Name]["service"]);
            Warn("XP-5", Numbers.PortProblem(target.Port), at[target.Name]["port"]);
        }
        CheckDetails(provider, at);
    }

    private static void CheckDetails(ExtensionProvider provider, Field at)
    {
        Warn("XP-6", StatusProblem(provider.EnvoyExtAuthzHttp?.StatusOnError), at["envoyExtAuthzHttp"]["statusOnError"]);
        Warn("XP-6", StatusProblem(provider.EnvoyExtAuthzGrpc?.StatusOnError), at["envoyExtAuthzGrpc"]["statusOnError"]);
        bool prefix = provider.EnvoyExtAuthzHttp?.PathPrefix is null or "" or ['/', ..];
        Warn("XP-7", prefix ? null : "must begin with /", at["envoyExtAuthzHttp"]["pathPrefix"]);
        Warn("XP-8", provider.Lightstep is null or { AccessToken.Length: > 0 } ? null : "is needed", at["lightstep"]["accessToken"]);
        Warn("XP-9", provider.Opentelemetry is { Http: not null, Grpc: not null } ? "only one of http and grpc may be set" : null, at["opentelemetry"]);
    }

    private static string? ServiceProblem(string service)
    {
        if (service.Length == 0) return "must not be empty";
        if (service.Contains('/', StringComparison.Ordinal)) return NamespacedHost.SidecarProblem(service);
        return IpAddress.IsValid(service) ? null : HostName.FqdnProblem(service);
    }

    // The statuses that Envoy knows.
    private static string? StatusProblem(string? status)
    {
        if (string.IsNullOrEmpty(status)) return null;
        bool known = Numbers.TryInteger(status, out long code) && code is 0 or 100 or (>= 200 and <= 208) or 226 or (>= 300 and <= 305) or 307 or 308
            or (>= 400 and <= 417) or (>= 421 and <= 424) or 426 or 428 or 429 or 431 or (>= 500 and <= 508) or 510 or 511;
        return known ? null : $"\"{status}\" is no HTTP status";
    }

    private static void Warn(string rule, string? problem, Field at)
    {
        if (problem is not null) at.Warning(rule, problem);
    }
}
