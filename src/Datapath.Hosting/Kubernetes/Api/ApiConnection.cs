using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Datapath.Hosting;

/// <summary>
/// Sends requests to an API server. HTTP/2 where the server has it, since its pings find out when the other side is gone while a watch is silent; with
/// HTTP/1.1 the kernel's keep-alive does.
/// </summary>
internal sealed class ApiConnection(ClusterAccess access, KubernetesTimings timings) : IDisposable
{
    private const int KeepAliveSeconds = 15;
    private const int KeepAliveTries = 3;
    private const long LongestPage = 512 << 20;

    private readonly Lock _gate = new();
    private HttpMessageInvoker? _client;
    private SslStreamCertificateContext? _certificate;

    /// <summary>The address of the server.</summary>
    public Uri Server => access.Server;

    /// <summary>Asks for something and reads the whole answer.</summary>
    /// <param name="path">The path below the server's own, with its query.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="KubernetesApiException">The server refuses.</exception>
    /// <exception cref="TimeoutException">The server does not answer.</exception>
    public Task<byte[]> GetAsync(string path, CancellationToken cancellationToken) => ReadAsync(() => Request(HttpMethod.Get, path), cancellationToken);

    /// <summary>Changes a part of an object, and gives the outcome. Errors are those of <see cref="GetAsync"/>.</summary>
    public Task<byte[]> MergeAsync(string path, byte[] patch, CancellationToken cancellationToken) => ReadAsync(
        () =>
        {
            var request = Request(HttpMethod.Patch, path);
            request.Content = new ByteArrayContent(patch) { Headers = { ContentType = new("application/merge-patch+json") } };
            return request;
        },
        cancellationToken);

    /// <summary>Asks for something and gives the answer as it comes. Errors are those of <see cref="GetAsync"/>.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timings.Answer);
        try
        {
            return await SendAsync(() => Request(HttpMethod.Get, path), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer();
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _client?.Dispose();
        (access.Credentials as IDisposable)?.Dispose();
    }

    private async Task<byte[]> ReadAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timings.Answer);
        try
        {
            using var response = await SendAsync(make, limit.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(LongestPage, limit.Token).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer();
        }
    }

    private TimeoutException NoAnswer() => new($"{access.Server.Authority} does not answer within {timings.Answer.TotalSeconds} s");

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, new Uri(access.Server, path))
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    /// <summary>A credential that the server does not accept is replaced once, if there is another.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var credential = await access.Credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        var response = await SendAsync(make(), credential, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            access.Credentials.Reject(credential);
            var next = await access.Credentials.GetAsync(cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(next, credential))
            {
                response.Dispose();
                response = await SendAsync(make(), next, cancellationToken).ConfigureAwait(false);
            }
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            await response.Content.LoadIntoBufferAsync(LongestPage, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            throw ApiStatus.Read(body).ToException(response.StatusCode, response.ReasonPhrase, RetryAfter(response.Headers.RetryAfter));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Credential credential, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.UserAgent.Add(new("datapath", null));
            request.Headers.Accept.Add(new("application/json"));
            if (credential.Token is { } token)
                request.Headers.Authorization = new("Bearer", token);
            if (access.TlsServerName is { } name)
                request.Headers.Host = name; // what the handler asks and checks the certificate for
            var client = ClientFor(credential.Certificate);
            try
            {
                return await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
            {
                // The certificate authority may be another by now, which the next client reads.
                Forget(client);
                throw new HttpRequestException($"{access.Server.Authority}: {e.InnerException.Message}", e.InnerException);
            }
        }
    }

    private HttpMessageInvoker ClientFor(SslStreamCertificateContext? certificate)
    {
        lock (_gate)
        {
            if (_client is not null && ReferenceEquals(_certificate, certificate))
                return _client;
            _client?.Dispose(); // what is under way on it goes on
            _certificate = certificate;
            return _client = new(MakeHandler(certificate));
        }
    }

    private void Forget(HttpMessageInvoker client)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_client, client))
                _client = null;
        }
    }

    private SocketsHttpHandler MakeHandler(SslStreamCertificateContext? certificate)
    {
        var ssl = new SslClientAuthenticationOptions { ClientCertificateContext = certificate };
        if (access.SkipsVerification)
        {
            // What insecure-skip-tls-verify asks for; nothing else leads here.
#pragma warning disable CA5359
            ssl.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (access.ReadAuthority() is { } authority)
        {
            ssl.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            ssl.CertificateChainPolicy.CustomTrustStore.AddRange(authority);
        }

        return new()
        {
            SslOptions = ssl,
            Proxy = access.Proxy,
            UseProxy = access.Proxy is not null,
            AllowAutoRedirect = false, // a token is for this server alone
            UseCookies = false,
            AutomaticDecompression = access.Compresses ? DecompressionMethods.GZip : DecompressionMethods.None,
            ConnectTimeout = timings.Answer,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            KeepAlivePingDelay = TimeSpan.FromSeconds(KeepAliveSeconds),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(KeepAliveSeconds),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            ConnectCallback = ConnectAsync,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveTries);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header?.Delta;
}
