-- imageprep: a droplet. Make it with: osacompile -o "Prepare for the web.app" imageprep.applescript
on open dropped
	set names to ""
	repeat with one in dropped
		set names to names & " " & quoted form of POSIX path of one
	end repeat
	-- The names go through a file: Terminal types its command, and a long one would be cut off.
	set job to do shell script "mktemp -t imageprep"
	do shell script "printf '%s\\0'" & names & " > " & quoted form of job
	tell application "Terminal"
		activate
		do script "xargs -0 -o @command@ @verb@ -- < " & quoted form of job & "; rm -f " & quoted form of job
	end tell
end open

on run
	display dialog "Drop photos, or folders of photos, on this icon." buttons {"OK"} default button 1
end run
