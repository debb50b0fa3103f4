; Installs for the user who runs it; nobody has to be an administrator. build.py fills in the names.
;
;   imageprep-setup.exe /S          asks nothing; /PATH puts the command on the PATH too
;   uninstall.exe /S                asks nothing
;
; The ledger and the configuration lie elsewhere (%LOCALAPPDATA%\imageprep) and are never touched.

Target ${TARGET}
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "Sections.nsh"

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\imageprep"

Name "imageprep"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\imageprep"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
SetCompressor /SOLID ${COMPRESSOR}
SetDateSave off
Icon "${ICON}"
UninstallIcon "${ICON}"
ShowInstDetails nevershow
ShowUninstDetails nevershow
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "imageprep"
VIAddVersionKey "FileDescription" "imageprep installer"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT licence"
ComponentText "imageprep prepares photos for the web. It is installed for you alone, and runs on this computer only."

Page components
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; A program that runs keeps its library open: nothing can be changed then, and half of it would be.
!macro NotRunning
  again:
  ${If} ${FileExists} "$INSTDIR\python\${DLL}"
    ClearErrors
    FileOpen $0 "$INSTDIR\python\${DLL}" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "imageprep is running. Stop it: on the page, open Help, then Stop the program. Then try again." /SD IDCANCEL IDRETRY again
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "imageprep (needed)"
  SectionIn RO
  !insertmacro NotRunning
  ; What an older version left out of this one would stay.
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
    ExecWait '"$INSTDIR\uninstall.exe" /S _?=$INSTDIR' $0
    ${If} $0 <> 0
      SetErrorLevel 3
      Quit
    ${EndIf}
  ${EndIf}
  ClearErrors
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${KEY}" "DisplayName" "imageprep"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "Publisher" "imageprep contributors"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${If} ${Errors}
    MessageBox MB_ICONSTOP "imageprep could not be installed in $INSTDIR." /SD IDOK
    SetErrorLevel 4
    Quit
  ${EndIf}
SectionEnd

Section "Start menu: the page"
  CreateShortcut "$SMPROGRAMS\imageprep.lnk" "$INSTDIR\imageprep-page.exe" "" "$INSTDIR\uninstall.exe"
SectionEnd

Section "Send to: photos that are sent open on the page"
  nsExec::Exec '"$INSTDIR\imageprep.exe" install-droplet --page'
  Pop $0
SectionEnd

Section /o "Terminals: the command imageprep (PATH)" PATH
  nsExec::Exec '"$INSTDIR\python\python.exe" "$INSTDIR\user_path.py" add'
  Pop $0
  WriteRegDWORD HKCU "${KEY}" "OnPath" 1
SectionEnd

Function .onInit
  ; The uninstaller takes whole folders away: they must be ours from the beginning.
  ${IfNot} ${FileExists} "$INSTDIR\imageprep-page.exe"
  ${AndIf} ${FileExists} "$INSTDIR\*.*"
    ${DirState} "$INSTDIR" $0
    ${If} $0 = 1
      MessageBox MB_ICONSTOP "The folder $INSTDIR is used by something else. Move it away, then try again." /SD IDOK
      SetErrorLevel 5
      Quit
    ${EndIf}
  ${EndIf}
  ; An update leaves the PATH as it was chosen before.
  ReadRegDWORD $0 HKCU "${KEY}" "OnPath"
  ${GetParameters} $1
  ClearErrors
  ${GetOptions} $1 "/PATH" $2
  ${IfNot} ${Errors}
  ${OrIf} $0 = 1
    !insertmacro SelectSection ${PATH}
  ${EndIf}
FunctionEnd

Section "Uninstall"
  !insertmacro NotRunning
  nsExec::Exec '"$INSTDIR\imageprep.exe" install-droplet --remove'
  Pop $0
  nsExec::Exec '"$INSTDIR\python\python.exe" "$INSTDIR\user_path.py" remove'
  Pop $0
  Delete "$SMPROGRAMS\imageprep.lnk"
  RMDir /r "$INSTDIR\python"
  RMDir /r "$INSTDIR\lib"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\imageprep.exe"
  Delete "$INSTDIR\imageprep-page.exe"
  Delete "$INSTDIR\user_path.py"
  Delete "$INSTDIR\packages.txt"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
