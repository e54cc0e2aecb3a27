using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Datapath.Kernel.Tests.Agent.Metrics;

/// <summary>A real Prometheus that scrapes one target every second.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("datapath-prometheus-");
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Process _process;
    private readonly Task<string> _said;

    public PrometheusServer(string target)
    {
        var config = Path.Combine(_home.FullName, "prometheus.yml");
        File.WriteAllText(config, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: datapath
                static_configs: [{ targets: ["{{target}}"] }]
            """);
        var address = FreeAddress();
        _client.BaseAddress = new($"http://{address}");
        _process = Process.Start(new ProcessStartInfo(
            "prometheus", [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_home.FullName, "data")}", $"--web.listen-address={address}"])
        {
            RedirectStandardError = true,
        })!;
        _said = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The first value of a query; <see langword="null"/> if there is none, or nobody to ask yet.</summary>
    public double? Query(string expression)
    {
        Assert.That(_process.HasExited, Is.False, () => _said.GetAwaiter().GetResult());
        try
        {
            using var answer = JsonDocument.Parse(_client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}").GetAwaiter().GetResult());
            var result = answer.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0 ? null : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            return null; // it does not listen yet
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
        _home.Delete(recursive: true);
    }

    private static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
