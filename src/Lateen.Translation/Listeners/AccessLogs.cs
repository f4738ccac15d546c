using System.Collections.Immutable;
using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Listeners;

/// <summary>The access logs that the mesh settings ask for; empty when the mesh has no access log file.</summary>
internal sealed class AccessLogs
{
    /// <summary>Istio's default text format: Envoy's own with the reasons of failures and the addresses of both sides.</summary>
    public const string DefaultText =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% " +
        "%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" " +
        "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" " +
        "\"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% " +
        "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    private static readonly (string Key, string Operator)[] DefaultJson =
    [
        ("start_time", "%START_TIME%"), ("route_name", "%ROUTE_NAME%"), ("method", "%REQ(:METHOD)%"),
        ("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"), ("protocol", "%PROTOCOL%"), ("response_code", "%RESPONSE_CODE%"),
        ("response_flags", "%RESPONSE_FLAGS%"), ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
        ("connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"), ("bytes_received", "%BYTES_RECEIVED%"),
        ("bytes_sent", "%BYTES_SENT%"), ("duration", "%DURATION%"),
        ("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"), ("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"),
        ("user_agent", "%REQ(USER-AGENT)%"), ("request_id", "%REQ(X-REQUEST-ID)%"), ("authority", "%REQ(:AUTHORITY)%"),
        ("upstream_host", "%UPSTREAM_HOST%"), ("upstream_cluster", "%UPSTREAM_CLUSTER_RAW%"),
        ("upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"), ("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"),
        ("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"), ("requested_server_name", "%REQUESTED_SERVER_NAME%"),
        ("upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
    ];

    private readonly FileAccessLog? file;

    private readonly bool listenerLogs;

    public AccessLogs(MeshSettings mesh)
    {
        listenerLogs = !mesh.DisableEnvoyListenerLog;
        var path = mesh.AccessLogFile.Length > 0 ? mesh.AccessLogFile : ProviderFile(mesh);
        if (path.Length == 0) return;
        var format = mesh.AccessLogFormat;
        var logFormat = mesh.AccessLogEncoding == AccessLogEncoding.Json ? Json(format) : Text(format);
        file = new FileAccessLog { Path = path, LogFormat = logFormat };
    }

    /// <summary>The logs of a connection manager or TCP proxy.</summary>
    public ImmutableArray<AccessLog> ForTraffic => file is null ? [] : [Entry()];

    /// <summary>The logs of a listener itself: connections that no chain takes.</summary>
    public ImmutableArray<AccessLog> ForListener
    {
        get
        {
            if (file is null || !listenerLogs) return [];
            var entry = Entry();
            entry.Filter = new AccessLogFilter { ResponseFlagFilter = new ResponseFlagFilter { Flags = { "NR" } } };
            return [entry];
        }
    }

    /// <summary>The built-in provider "envoy" writes to the proxy's standard output.</summary>
    private static string ProviderFile(MeshSettings mesh) =>
        mesh.DefaultProviders.AccessLogging.Contains("envoy", StringComparer.OrdinalIgnoreCase) ? "/dev/stdout" : "";

    private AccessLog Entry() => new() { Name = FilterNames.FileAccessLog, TypedConfig = file!.Packed() };

    private static SubstitutionFormatString Text(string format) => new()
    {
        TextFormatSource = new DataSource
        {
            InlineString = format.Length == 0 ? DefaultText : format.EndsWith('\n') ? format : format + "\n",
        },
    };

    private static SubstitutionFormatString Json(string format)
    {
        var fields = format.Length == 0 ? new Struct() : JsonParser.Default.Parse<Struct>(format);
        if (format.Length == 0)
            foreach (var (key, op) in DefaultJson) fields.Fields[key] = Value.ForString(op);
        return new SubstitutionFormatString { JsonFormat = fields, JsonFormatOptions = new JsonFormatOptions { SortProperties = false } };
    }
}
