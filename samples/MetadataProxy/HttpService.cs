using System.Net;
using System.Text;

namespace Datapath.MetadataProxy;

/// <summary>A small HTTP server: a text for a path.</summary>
/// <param name="port">The port that it listens on.</param>
/// <param name="answer">What it answers to a path and the address of a client; <see langword="null"/> for 404.</param>
internal sealed class HttpService(int port, Func<string, IPAddress, Task<string?>> answer) : IDisposable
{
    private readonly HttpListener _listener = new() { Prefixes = { $"http://*:{port}/" }, IgnoreWriteExceptions = true }; // a client may be gone before its answer
    private Task _serving = Task.CompletedTask;

    /// <summary>Begins to serve, in the network namespace of the calling thread.</summary>
    public void Start()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException && !_listener.IsListening)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var response = context.Response;
        response.KeepAlive = false;
        try
        {
            var text = await answer(context.Request.Url!.AbsolutePath, context.Request.RemoteEndPoint.Address);
            response.StatusCode = text is null ? 404 : 200;
            await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text ?? ""));
        }
        catch (HttpRequestException e)
        {
            response.StatusCode = 502;
            await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(e.Message));
        }
    }
}
