using Datapath.Linux;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Looks at something of the kernel's again and again. That the kernel refuses once ends nothing: it is logged, once until the reason is another or gone.</summary>
/// <param name="what">What is looked at, in words.</param>
/// <param name="logger">Told of refusals.</param>
internal sealed class Lookout(string what, ILogger logger)
{
    private string? _failure;

    /// <summary>Looks.</summary>
    public void Look(Action look)
    {
        try
        {
            look();
        }
        catch (LinuxException e)
        {
            if (e.Message != _failure)
                Log.LookFailed(logger, what, e.Message);
            _failure = e.Message;
            return;
        }

        if (_failure is not null)
            Log.LooksAgain(logger, what);
        _failure = null;
    }
}
