using Lateen.Proxy.Server;

namespace Lateen.Proxy.Admin;

/// <summary>Pages about the life of the process: readiness, draining, ending.</summary>
internal sealed class LifePages(AdminSources sources)
{
    public AdminResponse Ready() =>
        AdminResponse.Text(sources.Lifecycle.StateName + "\n", sources.Lifecycle.State == ServerState.Live ? 200 : 503);

    public AdminResponse HealthCheck(bool failed)
    {
        sources.Lifecycle.HealthCheckFailed = failed;
        return AdminResponse.Ok;
    }

    public AdminResponse Quit()
    {
        sources.Lifecycle.RequestShutdown(TimeSpan.Zero);
        return AdminResponse.Ok;
    }

    public AdminResponse ReopenLogs()
    {
        sources.AccessLogs.Reopen();
        return AdminResponse.Ok;
    }

    public AdminResponse DrainListeners(AdminRequest request)
    {
        var inboundOnly = request.Query.ContainsKey("inboundonly");
        var graceful = request.Query.ContainsKey("graceful");
        var skipExit = request.Query.ContainsKey("skip_exit");
        if (skipExit && !graceful)
            return AdminResponse.Text("skip_exit requires graceful\n", 400);
        if (!graceful)
        {
            sources.Listeners.StopAccepting(inboundOnly);
            return AdminResponse.Ok;
        }

        sources.Listeners.Drain(inboundOnly);
        if (!skipExit)
            _ = StopLaterAsync(inboundOnly);
        return AdminResponse.Ok;
    }

    private async Task StopLaterAsync(bool inboundOnly)
    {
        await Task.Delay(sources.Options.DrainTime, sources.Time);
        sources.Listeners.StopAccepting(inboundOnly);
    }
}
