using System.Diagnostics.Metrics;
using System.Net;
using Lateen.ControlPlane.Api;
using Lateen.ControlPlane.Configuration;
using Lateen.ControlPlane.Metrics;
using Lateen.ControlPlane.Serving;
using Lateen.Identity;
using Lateen.Registry;
using Lateen.Registry.Sources;
using Lateen.Xds;
using Lateen.Xds.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Lateen.ControlPlane;

public sealed partial class ControlPlaneHost
{
    private static readonly string[] LoopbackHosts = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>Puts the parts together.</summary>
    private static WebApplication Build(ControlPlaneOptions options, string adminToken, TimeProvider time, Random random)
    {
        var builder = WebApplication.CreateSlimBuilder();
        AddLogging(builder.Logging, options.LogLevel);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.UseUrls().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddGrpc();
        AddParts(builder.Services, options, time, random);
        var app = builder.Build();
        // A page of another site must not reach the API through a name that it made point here.
        app.Use((context, next) => IsSocket(context) || LoopbackHosts.Contains(context.Request.Host.Host) ? next(context) : Refuse(context));
        app.MapGrpcService<AggregatedDiscovery<ConnectedProxy>>();
        app.MapGrpcService<SecretDiscovery<ConnectedProxy>>();
        app.MapGrpcService<CertificateSigning>();
        ActivatorUtilities.CreateInstance<ControlApi>(app.Services, adminToken).Map(app);
        PushRenewedCertificates(app.Services);
        ServerGauges.Register(
            app.Services.GetRequiredService<Meter>(), app.Services.GetRequiredService<DiscoveryServer<ConnectedProxy>>(),
            app.Services.GetRequiredService<CertificateAuthority>(), time);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        var framework = level > LogLevel.Warning ? level : LogLevel.Warning;
        logging.ClearProviders().SetMinimumLevel(level).AddFilter("Microsoft", framework).AddFilter("Grpc", framework)
            // A start that fails is told by the exception.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>();
        logging.AddConsole(console =>
        {
            console.FormatterName = LogLines.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    }

    private static void Listen(KestrelServerOptions kestrel, ControlPlaneOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.ListenUnixSocket(options.Socket, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(IPAddress.Loopback, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static void AddParts(IServiceCollection services, ControlPlaneOptions options, TimeProvider time, Random random)
    {
        services.AddSingleton(time);
        services.AddSingleton(_ => new Meter("Lateen.ControlPlane"));
        services.AddSingleton<PrometheusExposition>();
        services.AddSingleton(_ => CertificateAuthority.LoadOrCreate(
            Path.Combine(options.StateFolder, CertificateAuthority.FolderName), options.TrustDomain, time));
        services.AddSingleton(_ => WorkloadTokens.LoadOrCreate(Path.Combine(options.StateFolder, WorkloadTokens.FolderName), time));
        services.AddSingleton(provider => new WorkloadCertificates(
            provider.GetRequiredService<CertificateAuthority>(), new() { Lifetime = options.WorkloadCertificateLifetime }, time, random,
            provider.GetRequiredService<ILogger<WorkloadCertificates>>()));
        services.AddSingleton<WorkloadSecrets>();
        services.AddSingleton<FileSecrets>();
        services.AddSingleton(provider => new MeshRegistry(
            [
                new FolderSource(options.ConfigFolder, time),
                new LocalWorkloadSource(Path.Combine(options.StateFolder, LocalWorkloadFile.Name), time),
                BuiltInResources.Gateway(options.GatewayPort, options.GatewayHttpsPort),
            ],
            BuiltInResources.Settings(options.TrustDomain), provider.GetRequiredService<ILogger<MeshRegistry>>()));
        services.AddSingleton(provider => new CallerAuthentication(
            provider.GetRequiredService<WorkloadTokens>(), () => provider.GetRequiredService<MeshRegistry>().Current.Settings.TrustDomain));
        services.AddSingleton<IClientAdmission<ConnectedProxy>, ProxyAdmission>();
        services.AddSingleton(provider => new DiscoveryServer<ConnectedProxy>(
            $"lateen-{ControlPlaneVersion.Text}", provider.GetRequiredService<IClientAdmission<ConnectedProxy>>(),
            provider.GetRequiredService<Meter>(), time, provider.GetRequiredService<ILogger<DiscoveryServer<ConnectedProxy>>>()));
        services.AddSingleton<AggregatedDiscovery<ConnectedProxy>>();
        services.AddSingleton<SecretDiscovery<ConnectedProxy>>();
        services.AddSingleton<CertificateSigning>();
        services.AddSingleton<MeshFeed>();
    }

    private static void PushRenewedCertificates(IServiceProvider services)
    {
        var server = services.GetRequiredService<DiscoveryServer<ConnectedProxy>>();
        services.GetRequiredService<WorkloadCertificates>().Renewed += identities => server.Push(stream =>
            identities.Contains(stream.Client.Identity)
                ? PushScope.Resources(TypeUrls.Secret, [WorkloadSecrets.WorkloadCertificate])
                : PushScope.Nothing);
    }

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }

    private static bool IsSocket(HttpContext context) => context.Connection.LocalIpAddress is null;
}
