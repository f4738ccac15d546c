using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>WorkloadGroup (WG).</summary>
internal static class WorkloadGroupRules
{
    public static void Check(WorkloadGroup group, Field at)
    {
        Field place = at["spec"];
        WorkloadGroupMetadata? metadata = group.Spec.Metadata;
        place["metadata"]["labels"].Require("WG-3", (metadata?.Labels.Count ?? 0) <= 256, "must not have more than 256 labels");
        place["metadata"]["annotations"].Require("WG-3", (metadata?.Annotations.Count ?? 0) <= 256, "must not have more than 256 annotations");
        WorkloadEntryRules.CheckSchema(group.Spec.Template, place["template"]);
        if (!place["metadata"]["labels"].Check("WG-2", LabelSyntax.Problem(metadata?.Labels ?? default))) return;
        if (group.Spec.Probe is { } probe) CheckProbe(probe, place["probe"]);
    }

    private static void CheckProbe(ReadinessProbe probe, Field at)
    {
        at["periodSeconds"].Require("WG-7", probe.PeriodSeconds >= 0, "must not be negative");
        at["initialDelaySeconds"].Require("WG-7", probe.InitialDelaySeconds >= 0, "must not be negative");
        at["timeoutSeconds"].Require("WG-7", probe.TimeoutSeconds >= 0, "must not be negative");
        at["successThreshold"].Require("WG-7", probe.SuccessThreshold >= 0, "must not be negative");
        at["failureThreshold"].Require("WG-7", probe.FailureThreshold >= 0, "must not be negative");
        if (probe.HttpGet is { } http) CheckHttp(http, at["httpGet"]);
        if (probe.TcpSocket is { } tcp) at["tcpSocket"]["port"].Check("WG-8", Numbers.PortProblem(tcp.Port));
        if (probe.Exec is { } exec) CheckExec(exec, at["exec"]);
        if (probe.Grpc is { } grpc) at["grpc"]["port"].Check("WG-9", Numbers.PortProblem(grpc.Port));
        at.Require("WG-5", probe is not { HttpGet: null, TcpSocket: null, Exec: null }, "needs one of httpGet, tcpSocket and exec");
    }

    private static void CheckHttp(HttpHealthCheck http, Field at)
    {
        at["port"].Check("WG-8", Numbers.PortProblem(http.Port));
        at["scheme"].Require("WG-10", http.Scheme is null or "" or "HTTP" or "HTTPS", "must be HTTP or HTTPS");
        for (int i = 0; i < http.HttpHeaders.Count; i++)
            at["httpHeaders"][i]["name"].Require("WG-11", HttpNames.IsProbeHeader(http.HttpHeaders[i].Name ?? ""), "must be letters, digits and '-'");
    }

    private static void CheckExec(ExecHealthCheck exec, Field at)
    {
        at["command"].Require("WG-12", !exec.Command.IsEmpty, "must not be empty");
        for (int i = 0; i < exec.Command.Count; i++) at["command"][i].Require("WG-12", exec.Command[i].Length > 0, "must not be empty");
    }
}
