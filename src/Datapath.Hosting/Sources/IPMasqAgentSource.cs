using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// Follows the file of the ip-masq-agent through its folder, so that a ConfigMap's swap of links is seen as well as an editor's new file. The
/// folder and the file may come and go.
/// </summary>
public sealed class IPMasqAgentSource : IDiagnosticSource
{
    private readonly string _path;
    private readonly ManifestFolderOptions _options;
    private readonly TimeProvider _time;
    private volatile IPMasqAgentUpdate _current = new(NonMasqueradeList.Default, []);

    /// <summary>Makes a source.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to follow its folder, as one of manifests.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public IPMasqAgentSource(string path = IPMasqAgentReader.DefaultPath, ManifestFolderOptions? options = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _options, _time) = (path, options ?? new(), time ?? TimeProvider.System);
    }

    /// <summary>The list in force; the default list until the file was read. May be read from any thread.</summary>
    public NonMasqueradeList List => _current.List;

    /// <inheritdoc/>
    public ImmutableArray<Diagnostic> Diagnostics => _current.Diagnostics;

    /// <summary>Tells the list and what there is to say, first as they are now and then whenever either is another.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<IPMasqAgentUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = new IPMasqAgentFile(_path, _time);
        using var follower = new FolderFollower(file.Folder, _options, _time);
        await file.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        IPMasqAgentUpdate? told = null;
        while (true)
        {
            var update = file.Current;
            if (follower.Problem is { } problem)
                update = update with { Diagnostics = [problem, .. update.Diagnostics] };
            _current = update;
            if (!update.Equals(told))
                yield return told = update;
            await follower.WaitAsync(file.Contents, cancellationToken).ConfigureAwait(false);
            _ = file.Read();
        }
    }
}
