using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Compiles the rules of masquerading from what comes in, and puts them in force. What the engine refuses is tried again.</summary>
internal sealed class MasqueradeReconciler(IMasquerade engine, MasqueradeOptions options, ILogger logger)
{
    private readonly MasqueradeObjects _objects = new();
    private readonly Backoff _backoff = new();
    private MasqueradeConfiguration _configuration = options.ToConfiguration();
    private long _revision;
    private NodeConfiguration? _node;
    private IPMasqAgentUpdate? _agent;
    private bool _isOutdated = true;

    /// <summary>Whether all is known that the rules depend on, but for objects.</summary>
    public bool IsComplete => _node is not null && !IsAgentFileAwaited;

    /// <summary>Whether the file of the ip-masq-agent has not been read yet.</summary>
    public bool IsAgentFileAwaited => options.UsesAgentFile && _agent is null;

    /// <summary>When to call <see cref="Step"/> even if nothing has come; <see langword="null"/> if nothing waits for the clock.</summary>
    public TimeSpan? RetryIn { get; private set; }

    /// <summary>How it stands.</summary>
    public MasqueradeSnapshot Current { get; private set; } = new();

    /// <summary>Takes objects in, as all sources together tell them.</summary>
    public void Take(ObjectBatch batch) => _isOutdated |= _objects.Take(batch);

    /// <summary>Takes the machine in.</summary>
    public void Take(NodeConfiguration node)
    {
        _isOutdated |= node != _node;
        _node = node;
    }

    /// <summary>Takes changed rules of the program's in.</summary>
    public void Take(MasqueradeConfiguration configuration, long revision)
    {
        _isOutdated = true;
        (_configuration, _revision) = (configuration, revision);
    }

    /// <summary>Takes the file of the ip-masq-agent in.</summary>
    public void Take(IPMasqAgentUpdate update)
    {
        Report(update.Diagnostics.Except(_agent?.Diagnostics ?? []));
        _isOutdated = true;
        _agent = update;
    }

    /// <summary>Compiles what was taken in and applies it.</summary>
    /// <returns>Whether <see cref="Current"/> is another.</returns>
    public bool Step()
    {
        if (!IsComplete || (!_isOutdated && RetryIn is null))
            return false;
        var compilation = _isOutdated || Current.Compilation is not { } last ? Compile() : last;
        _isOutdated = false;
        var failure = compilation.State is { } state && !state.Equals(Current.State) ? Apply(state) : null;
        if (failure is null)
            _backoff.Reset();
        RetryIn = failure is null ? null : _backoff.Next();
        Current = new()
        {
            State = failure is null ? compilation.State ?? Current.State : Current.State,
            Compilation = compilation,
            Failure = failure,
            Revision = _revision,
            Diagnostics = [.. compilation.Diagnostics, .. _agent?.Diagnostics ?? []],
            Remarks = compilation.Remarks,
        };
        return true;
    }

    private MasqueradeCompilation Compile()
    {
        var compilation = MasqueradeCompiler.Compile(new()
        {
            Configuration = _configuration,
            Node = _node!,
            Nodes = _objects.Nodes,
            Pods = _objects.Pods,
            Namespaces = _objects.Namespaces,
            AgentList = _agent?.List,
        });
        Report(compilation.Diagnostics.Except(Current.Compilation?.Diagnostics ?? []));
        foreach (var remark in compilation.Remarks.Except(Current.Remarks))
            Log.MasqueradeRemark(logger, remark);
        return compilation;
    }

    private string? Apply(MasqueradeState state)
    {
        try
        {
            engine.Apply(state);
            Log.MasqueradeApplied(logger, state.Sources.Prefixes.Length, state.Destinations.Prefixes.Length);
            return null;
        }
        catch (Exception e) when (e is LinuxException or ArgumentException)
        {
            if (e.Message != Current.Failure)
                Log.MasqueradeNotApplied(logger, e.Message);
            return e.Message;
        }
    }

    private void Report(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            DiagnosticLog.OfMasquerade.Write(logger, diagnostic);
    }
}
