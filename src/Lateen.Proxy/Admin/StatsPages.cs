using System.Text.RegularExpressions;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Admin;

/// <summary>Pages about metrics.</summary>
internal sealed class StatsPages(AdminSources sources)
{
    public AdminResponse Answer(AdminRequest request) => request.Query.GetValueOrDefault("format") switch
    {
        "prometheus" => Prometheus(request),
        "json" => WithSelection(request, Json),
        null or "text" => WithSelection(request, Text),
        _ => AdminResponse.Text("usage: /stats?format=(json|prometheus|text)\n", 400),
    };

    public AdminResponse Prometheus(AdminRequest request) => WithSelection(request, selection =>
    {
        var text = new StringWriter();
        PrometheusText.Write(sources.Stats, selection, text);
        return AdminResponse.Text(text.ToString()) with { ContentType = PrometheusText.ContentType };
    });

    public AdminResponse Reset()
    {
        foreach (var counter in sources.Stats.Counters)
            counter.Reset();
        return AdminResponse.Ok;
    }

    private AdminResponse Text(StatsSelection selection)
    {
        var text = new StringWriter();
        StatsText.Write(sources.Stats, selection, text);
        return AdminResponse.Text(text.ToString());
    }

    private AdminResponse Json(StatsSelection selection)
    {
        var json = new MemoryStream();
        StatsText.WriteJson(sources.Stats, selection, json);
        return new(200, AdminResponse.Json, json.ToArray());
    }

    private AdminResponse WithSelection(AdminRequest request, Func<StatsSelection, AdminResponse> answer)
    {
        Regex? filter = null;
        if (request.Query.TryGetValue("filter", out var pattern) && pattern.Length > 0)
        {
            try
            {
                filter = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return AdminResponse.Text($"Invalid re2 regex: {e.Message}\n", 400);
            }
        }

        sources.RefreshStats();
        return answer(new StatsSelection(filter, request.Query.ContainsKey("usedonly")));
    }
}
