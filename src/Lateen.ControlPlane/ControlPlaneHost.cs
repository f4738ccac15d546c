using System.Globalization;
using System.Security.Cryptography;
using Lateen.ControlPlane.Configuration;
using Lateen.ControlPlane.Serving;
using Lateen.Identity;
using Lateen.Xds.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lateen.ControlPlane;

/// <summary>
/// A running control plane: reads the mesh's folder, serves xDS and certificates on the state folder's UNIX socket, and its API on 127.0.0.1.
/// </summary>
public sealed partial class ControlPlaneHost : IAsyncDisposable
{
    private readonly ControlPlaneOptions _options;
    private readonly WebApplication _app;
    private readonly ILogger<ControlPlaneHost> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    private ControlPlaneHost(ControlPlaneOptions options, WebApplication app)
    {
        _options = options;
        _app = app;
        _logger = app.Services.GetRequiredService<ILogger<ControlPlaneHost>>();
    }

    /// <summary>Base address of the API, for example <c>http://127.0.0.1:15014</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Runs a control plane until cancelled, or told to stop by a signal, or it cannot go on.</summary>
    /// <exception cref="ControlPlaneException">It cannot start: a folder is missing or unusable, a port is taken.</exception>
    public static async Task RunAsync(ControlPlaneOptions options, CancellationToken cancellationToken)
    {
        await using var host = await StartAsync(options, cancellationToken).ConfigureAwait(false);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cancelled = cancellationToken.Register(() => stopped.TrySetResult()).ConfigureAwait(false);
        await using var signalled = host._app.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult()).ConfigureAwait(false);
        await Task.WhenAny(stopped.Task, host._following).ConfigureAwait(false);
        if (host._following.IsFaulted)
            await host._following.ConfigureAwait(false);
    }

    /// <summary>Starts a control plane; disposing of it stops it.</summary>
    /// <exception cref="ControlPlaneException">It cannot start: a folder is missing or unusable, a port is taken.</exception>
    public static Task<ControlPlaneHost> StartAsync(ControlPlaneOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, TimeProvider.System, Random.Shared, cancellationToken);

    internal static async Task<ControlPlaneHost> StartAsync(
        ControlPlaneOptions options, TimeProvider time, Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        StateFiles.Prepare(options);
        var adminToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        ControlPlaneHost host;
        try
        {
            host = new(options, Build(options, adminToken, time, random));
        }
        catch (InvalidDataException e)
        {
            throw new ControlPlaneException(e.Message, e);
        }

        try
        {
            await host.StartAsync(adminToken, cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Streams never end by themselves; the web server would wait for them.
        _app.Services.GetRequiredService<DiscoveryServer<ConnectedProxy>>().Stop();
        if (Address.Length > 0)
        {
            StatusFile.Delete(_options.StateFolder);
            await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            File.Delete(_options.Socket);
        }

        await _app.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task StartAsync(string adminToken, CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new ControlPlaneException(string.Create(
                CultureInfo.InvariantCulture, $"port {_options.ControlPort} of 127.0.0.1 is taken; choose another with --control-port"), e);
        }

        StateFiles.Protect(_options.Socket);
        Address = _app.Urls.First(url => url.StartsWith("http://127.0.0.1:", StringComparison.Ordinal));
        _following = FollowAsync();
        new StatusFile(Address, Environment.ProcessId, adminToken).Write(_options.StateFolder);
        LogStarted(ControlPlaneVersion.Text, _options.ConfigFolder, Address, _options.Socket);
    }

    private async Task FollowAsync()
    {
        try
        {
            await _app.Services.GetRequiredService<MeshFeed>().RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Not to follow the folder any more would be worse than to be started anew by the supervisor.
            LogFeedFailed(e);
            throw;
        }
    }

    private static void Check(ControlPlaneOptions options)
    {
        if (!Directory.Exists(options.ConfigFolder))
            throw new ControlPlaneException($"{options.ConfigFolder}: no such folder");
        if (options.ControlPort is < 0 or > 65535)
            throw new ControlPlaneException($"--control-port {options.ControlPort}: expected a port, or 0 for any free one");
        if (options.WorkloadCertificateLifetime < TimeSpan.FromMinutes(1) || options.WorkloadCertificateLifetime > CertificateAuthority.MaxLifetime)
            throw new ControlPlaneException($"lifetime of workload certificates {options.WorkloadCertificateLifetime}: expected a minute to 90 days");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Lateen control plane {Version}: configuration {Folder}, API {Address}, xDS {Socket}")]
    private partial void LogStarted(string version, string folder, string address, string socket);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the configuration cannot be followed any more")]
    private partial void LogFeedFailed(Exception exception);
}
