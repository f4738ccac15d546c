using System.Text;

namespace Lateen.Proxy.Admin;

/// <summary>The admin server's pages by path. Adding one means one entry here.</summary>
internal sealed class AdminPages
{
    private readonly SortedDictionary<string, Page> _pages = new(StringComparer.Ordinal);

    public AdminPages(AdminSources sources)
    {
        var life = new LifePages(sources);
        var stats = new StatsPages(sources);
        Add("/", "Admin home page", _ => Help());
        Add("/help", "print out list of admin commands", _ => Help());
        Add("/certs", "print certs on machine", _ => CertificatesPage.Answer(sources));
        Add("/clusters", "upstream cluster status", new ClustersPage(sources).Answer);
        Add("/config_dump", "dump current Envoy configs", new ConfigDumpBuilder(sources).Answer);
        Add("/listeners", "print listener info", request => ListenersPage.Answer(sources, request));
        Add("/memory", "print current allocation/heap usage", _ => ServerPages.Memory());
        Add("/ready", "print server state, return 200 if LIVE, otherwise return 503", _ => life.Ready());
        Add("/server_info", "print server version/status information", _ => ServerPages.Info(sources));
        Add("/stats", "print server stats", stats.Answer);
        Add("/stats/prometheus", "print server stats in prometheus format", stats.Prometheus);
        AddChange("/drain_listeners", "drain listeners", life.DrainListeners);
        AddChange("/healthcheck/fail", "cause the server to fail health checks", _ => life.HealthCheck(failed: true));
        AddChange("/healthcheck/ok", "cause the server to pass health checks", _ => life.HealthCheck(failed: false));
        AddChange("/logging", "query/change logging levels", request => LoggingPage.Answer(sources.LogLevels, request));
        AddChange("/quitquitquit", "exit the server", _ => life.Quit());
        AddChange("/reopen_logs", "reopen access logs", _ => life.ReopenLogs());
        AddChange("/reset_counters", "reset all counters to zero", _ => stats.Reset());
    }

    /// <summary>The answer to a request.</summary>
    public AdminResponse Answer(AdminRequest request)
    {
        if (!_pages.TryGetValue(request.Path, out var page))
            return AdminResponse.Text("invalid path. " + HelpText(), 404);
        if (page.Changes && request.Method != "POST")
            return AdminResponse.Text($"Method {request.Method} not allowed, POST required.", 405);
        return page.Answer(request);
    }

    private void Add(string path, string help, Func<AdminRequest, AdminResponse> answer) => _pages[path] = new(help, false, answer);

    private void AddChange(string path, string help, Func<AdminRequest, AdminResponse> answer) => _pages[path] = new(help, true, answer);

    private AdminResponse Help() => AdminResponse.Text(HelpText());

    private string HelpText()
    {
        var text = new StringBuilder("admin commands are:\n");
        foreach (var (path, page) in _pages)
            text.Append("  ").Append(path).Append(page.Changes ? " (POST): " : ": ").Append(page.Help).Append('\n');
        return text.ToString();
    }

    private sealed record Page(string Help, bool Changes, Func<AdminRequest, AdminResponse> Answer);
}
